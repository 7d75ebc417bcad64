import { StatesocketError } from '../../protocol/errors.ts';
import { fateOf, Overdue, RequestFailed } from './failure.ts';
import type { RedisClient } from './options.ts';

/** How long a request may take once it was sent, how long it waits for a connection, and how often that is looked at, in ms. */
const ANSWER_DEADLINE_MS = 8_000;
const LOOK_EVERY_MS = 500;

/** A connection to one server. It is made again whenever it is lost, and keeps no process alive that waits for nothing. */
export interface Connection {
  readonly address: string;
  readonly isReady: boolean;
  /**
   * Sends a command. Those of one turn of the event loop go as one. While there is no connection it waits.
   *
   * @throws {RequestFailed}
   */
  send(args: readonly string[], isAsking?: boolean): Promise<unknown>;
  /** Makes the connection again: the address may lead elsewhere by now. */
  reset(): void;
  close(): void;
}

const CLOSED = new StatesocketError('engine-failed', 'The engine is closed.');

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
  readonly untilMs: number;
}

/** @param options.patienceMs How long a request waits for the connection. */
export const createConnection = (options: {
  readonly address: string;
  readonly dial: () => RedisClient;
  readonly patienceMs: number;
}): Connection => {
  const { address, dial, patienceMs } = options;
  let client: RedisClient;
  const waiting: Waiting[] = [];
  const closed = new AbortController();
  let lastError: unknown = new Error('There is no connection.');
  let inFlightCount = 0;
  let heardAtMs = 0;
  let timer: NodeJS.Timeout | null = null;

  const giveUp = (which: (one: Waiting) => boolean, cause: unknown) => {
    const all = waiting.splice(0);
    waiting.push(...all.filter((one) => !which(one)));
    for (const one of all.filter(which)) one.reject(cause);
  };
  const open = () => {
    const next = dial();
    next.on('error', (cause: Error) => {
      if (next !== client) return;
      lastError = cause;
      // A login that is refused does not get better by waiting.
      if (fateOf(cause) === 'refused') giveUp(() => true, cause);
    });
    next.on('ready', () => {
      if (next === client) for (const { resolve } of waiting.splice(0)) resolve();
    });
    client = next;
    client.unref();
    client.connect().catch(() => {}); // it goes on trying, and its errors tell
  };
  const reset = () => {
    if (closed.signal.aborted) return;
    client.destroy();
    open();
  };
  /** One look for all requests: a timer each would cost more than they do. */
  const look = () => {
    const nowMs = performance.now();
    const isOverdue = ({ untilMs }: Waiting) => untilMs < nowMs;
    // It may hang as it begins.
    if (waiting.some(isOverdue)) reset();
    giveUp(isOverdue, lastError);
    if (inFlightCount > 0 && nowMs - heardAtMs > ANSWER_DEADLINE_MS) {
      lastError = new Overdue();
      reset();
    }
    if (waiting.length === 0 && inFlightCount === 0 && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  };
  const watch = () => {
    timer ??= setInterval(look, LOOK_EVERY_MS);
  };
  const untilReady = async () => {
    watch();
    client.ref();
    await new Promise<void>((resolve, reject) => {
      waiting.push({ resolve, reject, untilMs: performance.now() + patienceMs });
    });
  };
  open();

  return {
    address,
    get isReady() {
      return client.isReady;
    },
    async send(args, isAsking = false) {
      if (closed.signal.aborted) throw new RequestFailed(CLOSED, false);
      try {
        if (!client.isReady) await untilReady();
      } catch (cause) {
        throw new RequestFailed(cause, false);
      }
      const sender = client;
      if (inFlightCount === 0) {
        sender.ref();
        heardAtMs = performance.now();
        watch();
      }
      inFlightCount += 1;
      try {
        if (isAsking) sender.sendCommand(['ASKING']).catch(() => {}); // what follows it tells
        return await sender.sendCommand([...args]);
      } catch (cause) {
        const isOverdue = lastError instanceof Overdue && sender !== client;
        throw new RequestFailed(isOverdue ? lastError : cause, true);
      } finally {
        heardAtMs = performance.now();
        inFlightCount -= 1;
        if (inFlightCount === 0 && !closed.signal.aborted) client.unref();
      }
    },
    reset,
    close() {
      closed.abort();
      if (timer !== null) clearInterval(timer);
      giveUp(() => true, CLOSED);
      client.destroy();
    },
  };
};
