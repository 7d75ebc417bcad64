import { fromCallback, setup } from 'xstate';
import type { OutboxEvent } from './outbox.events.ts';

/** Which queue of the connection it is: they are counted. */
export interface OutboxInput {
  readonly queue: number;
}

/** What the outbox chart remembers. The messages are data, and none of its business. */
export type OutboxContext = OutboxInput;

/** The vocabulary of the outbox chart. */
export const outboxSetup = setup({
  types: {
    context: {} as OutboxContext,
    events: {} as OutboxEvent,
    input: {} as OutboxInput | undefined,
  },
  actors: {
    /** Puts what waits on a socket of a plain server. Provided with the port; here it stays silent. */
    plainLine: fromCallback<{ type: never }, OutboxInput>(() => {}),
    /** Puts what waits on a socket of a server of the extension. Provided with the port; here it stays silent. */
    line: fromCallback<{ type: never }, OutboxInput>(() => {}),
  },
  guards: {
    areVerdictsKept: ({ event }) => 'areVerdictsKept' in event && event.areVerdictsKept,
    isStored: ({ event }) => 'isStored' in event && event.isStored,
  },
  actions: {
    // Provided with the port (`outboxMachineOf`); here they do nothing.
    read: () => {},
    close: () => {},
  },
});
