import pg from 'pg';

/** How often the connection is asked for a sign of life, and how long it may take, in ms. */
const PING_EVERY_MS = 10_000;
const PING_DEADLINE_MS = 5_000;
const CONNECT_DEADLINE_MS = 5_000;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 3_000;

/** One connection that listens. It is made again whenever it is lost. */
export interface Listener {
  /** Resolves when the channel is heard, or when it cannot be said when. */
  listen(channel: string): Promise<void>;
  unlisten(channel: string): void;
  close(): Promise<void>;
}

const quote = (channel: string) => `"${channel}"`;

/**
 * The connection is made at the first `listen`, and keeps no process alive.
 *
 * @param options.hear Hears what is said. Must not throw.
 * @param options.missed The connection is there again: what was said meanwhile was not heard.
 */
export const createListener = (options: {
  readonly connectionString: string;
  readonly hear: (channel: string, payload: string) => void;
  readonly missed: () => void;
}): Listener => {
  const channels = new Set<string>();
  let client: pg.Client | null = null;
  let connecting: Promise<void> | null = null;
  let retryMs = FIRST_RETRY_MS;
  let retryTimer: NodeJS.Timeout | null = null;
  let pingTimer: NodeJS.Timeout | null = null;
  let isClosed = false;

  const retryLater = () => {
    if (isClosed || retryTimer !== null) return;
    retryTimer = setTimeout(() => {
      retryTimer = null;
      void connect().then(options.missed, () => {}); // it has seen to the next try
    }, retryMs);
    retryTimer.unref();
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
  };
  const drop = (dead: pg.Client) => {
    void dead.end().catch(() => {}); // it is lost in any case
    if (client !== dead) return;
    client = null;
    if (pingTimer !== null) clearInterval(pingTimer);
    pingTimer = null;
    retryLater();
  };

  let turn: Promise<unknown> = Promise.resolve();
  /** A client of `pg` has one query at a time: version 9 queues them no more. */
  const inTurn = (live: pg.Client, text: string) => {
    const asked = turn.then(() => live.query(text));
    turn = asked.catch(() => {}); // whoever asked is told
    return asked;
  };

  /** `pg` waits for a reply for as long as TCP does. */
  const ping = (live: pg.Client) => {
    const overdue = setTimeout(() => drop(live), PING_DEADLINE_MS);
    overdue.unref();
    inTurn(live, 'SELECT 1').then(
      () => clearTimeout(overdue),
      () => drop(live),
    );
  };

  const open = async () => {
    const next = new pg.Client({
      connectionString: options.connectionString,
      connectionTimeoutMillis: CONNECT_DEADLINE_MS,
      query_timeout: PING_DEADLINE_MS,
      keepAlive: true,
      application_name: 'statesocket doorbell',
    });
    const lost = () => drop(next);
    next.on('error', lost);
    next.on('end', lost);
    next.on('notification', ({ channel, payload = '' }) => {
      if (next === client) options.hear(channel, payload);
    });
    await next.connect();
    client = next;
    turn = Promise.resolve();
    // One statement each would be a round trip for each of 64.
    if (channels.size > 0) await inTurn(next, [...channels].map((one) => `LISTEN ${quote(one)}`).join('; '));
    if (isClosed) throw new Error('The listener is closed.');
    retryMs = FIRST_RETRY_MS;
    pingTimer = setInterval(() => ping(next), PING_EVERY_MS);
    pingTimer.unref();
    const unref: unknown = Reflect.get(next, 'unref'); // not in its types
    if (typeof unref === 'function') unref.call(next);
  };
  const connect = (): Promise<void> => {
    connecting ??= open().finally(() => {
      connecting = null;
    });
    return connecting.catch((cause) => {
      if (client !== null) drop(client);
      retryLater();
      throw cause;
    });
  };

  return {
    async listen(channel) {
      if (isClosed || channels.has(channel)) return connecting?.catch(() => {});
      channels.add(channel);
      try {
        if (client === null) await connect();
        else await inTurn(client, `LISTEN ${quote(channel)}`);
      } catch {
        // It is tried again; then all who listen are told that they have missed something.
      }
    },
    unlisten(channel) {
      if (!channels.delete(channel)) return;
      if (client !== null) inTurn(client, `UNLISTEN ${quote(channel)}`).catch(() => {}); // what comes is for nobody then
    },
    async close() {
      isClosed = true;
      if (retryTimer !== null) clearTimeout(retryTimer);
      if (pingTimer !== null) clearInterval(pingTimer);
      await connecting?.catch(() => {});
      const last = client;
      client = null;
      await last?.end().catch(() => {});
    },
  };
};
