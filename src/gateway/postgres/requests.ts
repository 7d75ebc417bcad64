import { setTimeout as sleep } from 'node:timers/promises';
import { StatesocketError } from '../../protocol/errors.ts';
import { failureOf, fateOf, Overdue } from './failure.ts';
import type { ClientPool, PooledClient } from './options.ts';

/** How long a request may take once it was sent, and how long it waits to be sent, in ms. */
const ANSWER_DEADLINE_MS = 8_000;
export const SEND_DEADLINE_MS = 5_000;
const RETRY_MS = 50;
const MAX_RETRY_MS = 500;

/** What became of a request. `unsent`: it did not reach the server. */
export class RequestFailed extends Error {
  readonly isSent: boolean;
  override readonly cause: unknown;
  constructor(cause: unknown, isSent: boolean) {
    super('A request has failed.');
    this.cause = cause;
    this.isSent = isSent;
  }
}

/** Requests to the database, each a transaction of its own on any connection. */
export interface Requests {
  /**
   * Sends one. While no connection is to be had it waits, for 5 s at most.
   *
   * @throws {RequestFailed}
   */
  send(text: string, values: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** The same, again where that is harmless. @throws {StatesocketError} `engine-failed`. */
  ask(text: string, values: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** Several statements on one connection. */
  withClient<T>(run: (client: PooledClient) => Promise<T>): Promise<T>;
  close(): void;
}

const inTime = <T>(work: Promise<T>, ms: number): Promise<T> =>
  new Promise((resolve, reject) => {
    const overdue = setTimeout(() => reject(new Overdue('There was no reply in time.')), ms);
    overdue.unref();
    const settled =
      <Result>(settle: (result: Result) => void) =>
      (result: Result) => {
        clearTimeout(overdue);
        settle(result);
      };
    work.then(settled(resolve), settled(reject));
  });

const ignore = () => {};

/** One that comes too late goes back. */
const take = async (pool: ClientPool, ms: number): Promise<PooledClient> => {
  const coming = pool.connect();
  try {
    return await inTime(coming, ms);
  } catch (cause) {
    void coming.then((client) => client.release(), ignore);
    throw cause;
  }
};

export const createRequests = (pool: ClientPool): Requests => {
  let isClosed = false;

  const connect = async (): Promise<PooledClient> => {
    const until = performance.now() + SEND_DEADLINE_MS;
    for (let waitMs = RETRY_MS; ; waitMs = Math.min(waitMs * 2, MAX_RETRY_MS)) {
      if (isClosed) throw new StatesocketError('engine-failed', 'The engine is closed.');
      try {
        return await take(pool, Math.max(until - performance.now(), RETRY_MS));
      } catch (cause) {
        if (fateOf(cause) !== 'lost' || performance.now() + waitMs > until) throw cause;
      }
      await sleep(waitMs);
    }
  };

  const withClient = async <T>(run: (client: PooledClient) => Promise<T>): Promise<T> => {
    let client: PooledClient;
    try {
      client = await connect();
    } catch (cause) {
      throw new RequestFailed(cause, false);
    }
    // A connection that breaks while it is out says so here as well; without a listener that would end the process.
    client.on('error', ignore);
    let isBroken = true;
    try {
      const result = await inTime(run(client), ANSWER_DEADLINE_MS);
      isBroken = false;
      return result;
    } catch (cause) {
      isBroken = fateOf(cause) === 'lost';
      throw new RequestFailed(cause, true);
    } finally {
      if (!isBroken) client.off('error', ignore);
      client.release(isBroken);
    }
  };

  const send: Requests['send'] = (text, values) =>
    withClient(
      async (client) => (await client.query(text, [...values])).rows as readonly Record<string, unknown>[],
    );

  return {
    send,
    withClient,
    async ask(text, values) {
      for (const until = performance.now() + SEND_DEADLINE_MS; ; ) {
        try {
          return await send(text, values);
        } catch (error) {
          const cause = error instanceof RequestFailed ? error.cause : error;
          const isHopeless = fateOf(cause) === 'refused' || performance.now() > until;
          if (isHopeless || isClosed) throw failureOf(cause);
        }
        await sleep(RETRY_MS);
      }
    },
    close() {
      isClosed = true;
    },
  };
};
