import type { Decisions } from './decisions.ts';
import type { Doorbell } from './doorbell.ts';
import type { Log } from './log.ts';

/**
 * Where a gateway keeps durable messages: a log per user, what became of commands, and a doorbell. The gateway writes to it before any
 * socket sees a message, and every socket reads its messages out of it.
 *
 * What belongs to one user (log, marks, decisions) is that user's slot. Each call works on the slot of one user and takes effect there
 * as a whole or not at all, whatever other calls share its transaction. Calls of one user take effect in the order in which they are made.
 *
 * Days of age are days by a clock that no jump moves by more than one: a server's clock that is wrong for a moment must not
 * make an engine forget.
 *
 * Implemented by `memoryEngine`, `sqliteEngine`, `postgresEngine` and `redisEngine`; one of your own must pass
 * `statesocket/gateway/contract` (docs/recipes/write-an-engine.md). All methods may reject when the store fails; after `close` they do.
 */
export interface Engine extends Log, Decisions, Doorbell {
  /** Releases what the engine holds. The gateway does not call it: who made the engine closes it. */
  close(): Promise<void>;
}
