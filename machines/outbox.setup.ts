import { fromCallback, setup } from 'xstate';
import type { OutboxEvent, RunningOutbox } from './outbox.events.ts';

/** Which queue of the connection it is: one of those that there are. A number is used again when its queue is over. */
export interface OutboxInput {
  readonly queue: number;
}

/** What the outbox chart remembers. The messages are data, and none of its business. */
export type OutboxContext = OutboxInput;

/** What happens to an actor beside the chart: nothing. */
export type NoEvent = { type: never };

/** A queue, and its chart. */
export interface OutboxLife extends OutboxInput {
  readonly chart: RunningOutbox;
}

/** The vocabulary of the outbox chart. All actors and actions are provided with the port (`outboxMachineOf`); here they are silent. */
export const outboxSetup = setup({
  types: {
    context: {} as OutboxContext,
    events: {} as OutboxEvent,
    input: {} as OutboxInput | undefined,
  },
  actors: {
    /** Everything that belongs to the queue. */
    life: fromCallback<NoEvent, OutboxLife>(() => {}),
    /** Reads what earlier sessions left. */
    reading: fromCallback<NoEvent, OutboxInput>(() => {}),
    /** Puts what waits on a socket of a plain server. */
    plainLine: fromCallback<NoEvent, OutboxInput>(() => {}),
    /** Puts what waits on a socket of a server of the extension. */
    line: fromCallback<NoEvent, OutboxInput>(() => {}),
    /** Keeps what is in memory alone, until it is stored. */
    keeper: fromCallback<NoEvent, OutboxInput>(() => {}),
  },
  guards: {
    areVerdictsKept: ({ event }) => 'areVerdictsKept' in event && event.areVerdictsKept,
  },
  actions: {
    rest: () => {},
    forget: () => {},
  },
});
