/**
 * How the messages of one socket after the other are taken. The chart of the connection invokes it (`delivery`), and it never
 * ends a socket itself: it says that one is of no use (`link.broken`), and the connection decides. Messages never pass through
 * here; the data plane reports the few of them that change how the rest is taken.
 *
 * What holds, under any events (tests name these):
 * - I4  Durable messages are taken in `live` only, or held in `reloading`: none is applied twice.
 * - I5  A hole leads to `resuming`. The cursor moves over what is missing only through `reloading`, which the app sees.
 * - I7  Every state but `waiting`, `plain` and `live` has a bounded exit; `live` and `plain` end with their socket.
 * - I12 RESUME is sent in `resuming` only, and a WELCOME alone leads there: a plain server never sees it.
 * - I18 No clock is read: delays are timers, and the port knows whether one was late.
 */
import { type AnyActorLogic, type SnapshotFrom, sendParent } from 'xstate';
import type { ConnectionEvent } from './connection.events.ts';
import type { DeliveryPort } from './delivery.events.ts';
import { deliverySetup, initialDeliveryContext, negotiationLimitOf } from './delivery.setup.ts';

/**
 * The statechart of delivery. `createConnection` invokes it with a port that does the work (`deliveryMachineOf`); on its own it
 * needs none.
 *
 * @example
 * const actor = createActor(deliveryMachine).start();
 * actor.send({ type: 'socket.opened' });
 * actor.send({ type: 'server.welcomed' });
 * deliveryStatusOf(actor.getSnapshot()); // 'resuming'
 */
export const deliveryMachine = deliverySetup.createMachine({
  id: 'delivery',
  description: 'How the messages of a connection are taken: as a plain server sends them, or along a log.',
  context: ({ input }) => initialDeliveryContext(input),
  initial: 'waiting',
  on: {
    'socket.ended': { target: '.waiting' },
    'command.unanswered': { target: '.waiting', actions: 'breakUnanswered' },
    'queue.begun': { actions: 'beginQueue', description: 'A chart for the durable messages of one user.' },
    'queue.over': { actions: 'endQueue' },
  },
  states: {
    waiting: {
      tags: 'waiting',
      description: 'No socket is open, or none that is kept.',
      entry: 'rest',
      on: {
        'socket.opened': { target: 'negotiating' },
        'command.unanswered': { description: 'Of a socket that is given up already.' },
      },
    },

    negotiating: {
      tags: 'negotiating',
      description:
        'The server speaks first: does it speak the extension? Commands that must not be lost wait.',
      entry: 'negotiate',
      on: {
        'server.welcomed': { target: 'resuming', actions: 'noteSupport' },
        'server.mismatched': { target: 'waiting', actions: 'breakVersion' },
        'server.spoke': [
          { guard: 'supportsDelivery', target: 'waiting', actions: 'breakLateWelcome' },
          { target: 'plain' },
        ],
      },
      after: {
        negotiationLimit: [
          {
            guard: 'timerWasLate',
            target: 'negotiating',
            reenter: true,
            description: 'After sleep the WELCOME may be there and unread.',
          },
          { guard: 'supportsDelivery', target: 'waiting', actions: 'breakUnanswered' },
          { target: 'plain' },
        ],
      },
    },

    plain: {
      tags: 'plain',
      description: 'A server without the extension: ids, ACK and dedupe, nothing that it would not know.',
      entry: 'followPlain',
      on: {
        'server.welcomed': {
          target: 'waiting',
          actions: ['noteSupport', 'breakLateWelcome'],
          description: 'It does speak the extension: on a new socket, from its first frame on.',
        },
        'server.mismatched': { target: 'waiting', actions: 'breakVersion' },
      },
    },

    resuming: {
      tags: 'resuming',
      description: 'RESUME is out. Durable messages are ignored until it is answered.',
      entry: 'resume',
      on: {
        'log.resumed': { target: 'live' },
        'log.broken': { target: 'reloading' },
      },
      after: { resumeLimit: { target: 'waiting', actions: 'breakUnanswered' } },
    },

    live: {
      tags: 'live',
      description: 'Each durable message follows the one before it, and is applied.',
      entry: 'follow',
      on: { 'hole.found': { target: 'resuming' } },
    },

    reloading: {
      tags: 'reloading',
      description: 'A discontinuity, or the first load: the app loads its state. Durable messages are held.',
      entry: 'reload',
      on: {
        'reload.done': { target: 'live' },
        'reload.failed': { target: 'stalled' },
      },
      after: { reloadLimit: { target: 'stalled', actions: 'giveUpReload' } },
    },

    stalled: {
      tags: 'stalled',
      description: 'The app could not load its state. The cursor stays; soon the log is asked again.',
      entry: 'stall',
      after: { stallDelay: { target: 'resuming' } },
    },
  },
});

/**
 * The chart with somebody who does the work, and with the chart of a queue, where there are any. A chart of a connection invokes it: it
 * tells its parent of a socket that is of no use. What it remembers has no function in it.
 */
export const deliveryMachineOf = (port: DeliveryPort, outbox?: AnyActorLogic) =>
  deliveryMachine.provide({
    ...(outbox === undefined ? {} : { actors: { outbox } }),
    guards: { timerWasLate: ({ context }) => port.isLate(negotiationLimitOf(context)) },
    actions: {
      rest: () => port.rest(),
      negotiate: () => port.negotiate(),
      followPlain: () => port.followPlain(),
      resume: () => port.resume(),
      follow: () => port.follow(),
      reload: () => port.reload(),
      giveUpReload: () => port.giveUpReload(),
      stall: () => port.stall(),
      breakUnanswered: sendParent({ type: 'link.broken', why: 'unanswered' } satisfies ConnectionEvent),
      breakLateWelcome: sendParent({ type: 'link.broken', why: 'late-welcome' } satisfies ConnectionEvent),
      breakVersion: sendParent({ type: 'link.broken', why: 'version' } satisfies ConnectionEvent),
    },
  });

/** A snapshot of the delivery chart, as XState gives it. */
export type DeliveryChartSnapshot = SnapshotFrom<typeof deliveryMachine>;
