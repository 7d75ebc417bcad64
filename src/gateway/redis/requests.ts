import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './connection.ts';
import { codeOf, failureOf, fateOf, RequestFailed } from './failure.ts';
import type { Script } from './scripts.ts';
import type { Store } from './store.ts';

/** How long a call is tried before it fails, and how long it rests between two tries, in ms. */
export const TRYING_MS = 5_000;
export const RETRY_MS = 40;

export const causeOf = (error: unknown): unknown => (error instanceof RequestFailed ? error.cause : error);

/**
 * Runs a script by its name. A server that does not know it, since it was started again or took over, is given the source.
 *
 * @throws {RequestFailed}
 */
export const runOn = async (
  connection: Connection,
  { source, sha }: Script,
  keys: readonly string[],
  args: readonly string[],
): Promise<unknown> => {
  const given = [String(keys.length), ...keys, ...args];
  try {
    return await connection.send(['EVALSHA', sha, ...given]);
  } catch (error) {
    if (codeOf(causeOf(error)) !== 'NOSCRIPT') throw error;
    return connection.send(['EVAL', source, ...given]);
  }
};

/** Requests that are harmless to repeat. */
export interface Requests {
  /** @throws {StatesocketError} `engine-failed`. */
  run(script: Script, keys: readonly [string, ...string[]], args: readonly string[]): Promise<unknown>;
  /** A command about one key. @throws {StatesocketError} `engine-failed`. */
  command(key: string, args: readonly string[]): Promise<unknown>;
  /** Nothing is tried again from now on. */
  close(): void;
}

export const createRequests = (store: Store): Requests => {
  const closed = new AbortController();
  const ask = async (
    key: string,
    attempt: (connection: Connection) => Promise<unknown>,
  ): Promise<unknown> => {
    for (const until = performance.now() + TRYING_MS; ; ) {
      try {
        return await store.at(key, attempt);
      } catch (error) {
        const fate = fateOf(causeOf(error));
        if (fate === 'refused' || closed.signal.aborted || performance.now() > until) throw failureOf(error);
      }
      await sleep(RETRY_MS);
    }
  };
  return {
    run: (script, keys, args) => ask(keys[0], (connection) => runOn(connection, script, keys, args)),
    command: (key, args) => ask(key, ({ send }) => send(args)),
    close() {
      closed.abort();
    },
  };
};
