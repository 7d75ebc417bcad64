/**
 * The queue of durable messages of one user: from `connect()` until nothing of it depends on this page any more. The delivery
 * chart spawns one for each user. It holds the modes; the messages are data, and pass it by.
 *
 * What holds, under any events (tests name these):
 * - I2  Nothing is sent before what earlier sessions left has been read, nor while a verdict is known to this page alone.
 * - I12 A socket of a plain server is used in `plain` only, one of the extension in `flowing` only.
 * - I10 The queue ends with its chart, whatever ends that: `life` does.
 * - I14 A user who is gone has no socket. A user who has logged out does not come back to this queue.
 * - I18 No clock is read, and there is no timer: each write of the store ends, by a limit of its own.
 */
import { fromCallback, type SnapshotFrom } from 'xstate';
import type { OutboxPort } from './outbox.events.ts';
import { type NoEvent, type OutboxInput, type OutboxLife, outboxSetup } from './outbox.setup.ts';

/**
 * The statechart of an outbox. `durableDelivery` runs it with a port that does the work (`outboxMachineOf`); on its own it needs
 * none.
 *
 * @example
 * const actor = createActor(outboxMachine).start();
 * actor.send({ type: 'store.read', areVerdictsKept: true });
 * actor.send({ type: 'link.plain' });
 * actor.getSnapshot().matches({ here: 'plain' }); // true
 */
export const outboxMachine = outboxSetup.createMachine({
  id: 'outbox',
  description: 'The durable messages of one user, on their way to the server.',
  context: ({ input }) => ({ queue: input?.queue ?? 1 }),
  invoke: { src: 'life', id: 'life', input: ({ context, self }) => ({ ...context, chart: self }) },
  initial: 'here',
  on: { 'connection.ended': { target: '.over' } },
  states: {
    here: {
      description: 'The user is connected, or wishes to be.',
      exit: 'rest',
      initial: 'loading',
      on: {
        'link.welcomed': [{ guard: 'areVerdictsKept', target: '.flowing' }, { target: '.keeping' }],
        'link.plain': { target: '.plain' },
        'link.lost': { target: '.parked' },
        'user.left': { target: 'left' },
        'user.loggedOut': { target: 'clearing' },
      },
      states: {
        loading: {
          description: 'What earlier sessions left is being read. It goes first, so nothing is sent.',
          invoke: { src: 'reading', id: 'reading', input: ({ context }) => context },
          initial: 'parked',
          on: {
            'link.welcomed': { target: '.welcomed' },
            'link.plain': { target: '.plain' },
            'link.lost': { target: '.parked' },
            'user.loggedOut': { target: '#outbox.clearing.reading' },
          },
          states: {
            parked: {
              description: 'There is no socket either.',
              on: { 'store.read': { target: '#outbox.here.parked' } },
            },
            plain: {
              description: 'A plain server waits.',
              on: { 'store.read': { target: '#outbox.here.plain' } },
            },
            welcomed: {
              description: 'A server of the extension waits.',
              on: {
                'store.read': [
                  { guard: 'areVerdictsKept', target: '#outbox.here.flowing' },
                  { target: '#outbox.here.keeping' },
                ],
              },
            },
          },
        },
        parked: { description: 'No socket can be used. Messages wait.' },
        plain: {
          description: 'A plain server: each message goes once, as it is, and no verdict comes.',
          invoke: { src: 'plainLine', id: 'line', input: ({ context }) => context },
        },
        keeping: {
          description: 'The next command lets the server forget verdicts that the store has not kept yet.',
          on: { 'verdicts.kept': { target: 'flowing' } },
        },
        flowing: {
          description: 'Commands go out in order, a window of them at a time, until each has its verdict.',
          invoke: { src: 'line', id: 'line', input: ({ context }) => context },
        },
      },
    },
    left: {
      description: 'The user is gone. What is not stored this page keeps, and speaks for it.',
      invoke: { src: 'keeper', id: 'keeper', input: ({ context }) => context },
      on: {
        'user.returned': { target: 'here', description: 'It goes on, under the same clientId.' },
        'all.stored': { target: 'over' },
      },
    },
    clearing: {
      description: 'The user has logged out, and the store has not forgotten all of it yet.',
      entry: 'forget',
      initial: 'storing',
      states: {
        reading: {
          description: 'What earlier sessions left is still being read: it is forgotten as it comes.',
          invoke: { src: 'reading', id: 'reading', input: ({ context }) => context },
          on: {
            'store.read': { target: 'storing' },
            'connection.ended': { target: '#outbox.forgetting' },
          },
        },
        storing: {
          description: 'The store is forgetting it.',
          invoke: { src: 'keeper', id: 'keeper', input: ({ context }) => context },
          on: { 'all.stored': { target: '#outbox.over' } },
        },
      },
    },
    forgetting: {
      type: 'final',
      description:
        'The connection has ended before all of a logged-out user was read: the store goes on to forget it.',
    },
    over: {
      type: 'final',
      description: 'Nothing of it depends on this page.',
    },
  },
});

/** The chart with those who do the work, found by the number of the queue. What it remembers has no function in it. */
export const outboxMachineOf = (portOf: (queue: number) => OutboxPort) =>
  outboxMachine.provide({
    actors: {
      life: fromCallback<NoEvent, OutboxLife>(({ input }) => portOf(input.queue).begin(input.chart)),
      reading: fromCallback<NoEvent, OutboxInput>(({ input, sendBack }) =>
        portOf(input.queue).read(sendBack),
      ),
      plainLine: fromCallback<NoEvent, OutboxInput>(({ input }) => portOf(input.queue).beginPlain()),
      line: fromCallback<NoEvent, OutboxInput>(({ input }) => portOf(input.queue).beginFlow()),
      keeper: fromCallback<NoEvent, OutboxInput>(({ input }) => portOf(input.queue).keep()),
    },
    actions: {
      rest: ({ context }) => portOf(context.queue).rest(),
      forget: ({ context }) => portOf(context.queue).forget(),
    },
  });

/** A snapshot of the outbox chart, as XState gives it. */
export type OutboxChartSnapshot = SnapshotFrom<typeof outboxMachine>;
