import type { Engine, Entry } from '../engine/engine.ts';
import type { TakeTurn } from '../fair-scheduler.ts';

/** How many entries are read at once, and so how many one slow socket makes this process hold. */
export const READ_LIMIT_COUNT = 32;

/** Follows one user's log for one socket. */
export interface LogReader {
  /** There may be news: reads on after the position last sent. While it reads, it notes the call and reads again. */
  wake(): void;
  stop(): void;
}

/**
 * The one way durable messages reach a socket, so that they come in log order and each once.
 *
 * `send` answers a promise when the socket should not be given more before it resolves: what waits stays in the log.
 */
export const createLogReader = (options: {
  readonly engine: Engine;
  readonly userId: string;
  /** The turns of this user: each read is one. */
  readonly takeTurn: TakeTurn;
  /** Where to begin: entries after this one are sent. */
  readonly position: string;
  readonly send: (entry: Entry) => Promise<void> | undefined;
  /** The log no longer knows the position: what came between cannot be sent. */
  readonly lost: () => void;
  readonly failed: (cause: unknown) => void;
}): LogReader => {
  const { engine, userId, takeTurn, send, lost, failed } = options;
  let { position } = options;
  let reading = false;
  let rung = false;
  let stopped = false;

  /** Sends what a single read gives; false when there was no more. */
  const readOnce = async (): Promise<boolean> => {
    const turn = takeTurn();
    if (turn !== undefined) await turn;
    if (stopped) return false;
    const entries = await engine.readAfter(userId, position, READ_LIMIT_COUNT);
    if (stopped) return false;
    if (entries === null) {
      lost();
      return false;
    }
    for (const entry of entries) {
      // Moved before the send: a doorbell that rings inside it must not send the entry again.
      position = entry.id;
      const drained = send(entry);
      if (drained !== undefined) await drained;
      if (stopped) return false;
    }
    return entries.length === READ_LIMIT_COUNT;
  };
  const read = async () => {
    reading = true;
    try {
      do rung = false;
      while ((await readOnce()) || (rung && !stopped));
    } catch (cause) {
      failed(cause);
    } finally {
      reading = false;
    }
  };

  return {
    wake() {
      rung = true;
      if (!reading && !stopped) void read();
    },
    stop() {
      stopped = true;
    },
  };
};
