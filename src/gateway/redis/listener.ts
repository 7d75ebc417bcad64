import type { RedisClient } from './options.ts';
import type { Store } from './store.ts';

/** How often a connection is asked for a sign of life, and how long it has for it, in ms. */
const PING_EVERY_MS = 4_000;
const RETRY_MS = 200;
const MAX_RETRY_MS = 3_000;

/** Hears channels, each on the server that has it. Connections are made again whenever they are lost. */
export interface Listener {
  /** Resolves when the channel is heard, or when it cannot be said when. */
  listen(channel: string): Promise<void>;
  unlisten(channel: string): void;
  close(): void;
}

/** A connection that listens. */
interface Ear {
  readonly address: string;
  readonly client: RedisClient;
  readonly ready: Promise<unknown>;
  readonly pinging: NodeJS.Timeout;
}

/** What somebody wants to hear. */
interface Wanted {
  /** Null: it is not heard. */
  ear: Ear | null;
  trying: Promise<void> | null;
  /** Whoever wanted it was told that it is heard: what is said until it is again is missed. */
  isPromised: boolean;
}

/**
 * @param options.hear Hears what is said. Must not throw.
 * @param options.missed Channels are heard again: what was said meanwhile was not heard.
 */
export const createListener = (options: {
  readonly store: Store;
  readonly dial: (address: string) => RedisClient;
  readonly hear: (channel: string, payload: string) => void;
  readonly missed: () => void;
}): Listener => {
  const { store, dial, hear, missed } = options;
  const wanted = new Map<string, Wanted>();
  const ears = new Map<string, Ear>();
  /** Those that owe a sign of life. */
  const pinged = new WeakSet<Ear>();
  const closed = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  let retryMs = RETRY_MS;

  const retryLater = () => {
    if (closed.signal.aborted || timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      void hearAgain();
    }, retryMs);
    timer.unref();
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
  };
  const drop = (ear: Ear) => {
    if (ears.get(ear.address) !== ear) return;
    ears.delete(ear.address);
    for (const one of wanted.values()) if (one.ear === ear) one.ear = null;
    clearInterval(ear.pinging);
    ear.client.destroy();
    store.suspect();
    retryLater();
  };
  const earAt = (address: string): Ear => {
    const known = ears.get(address);
    if (known !== undefined) return known;
    const client = dial(address);
    client.unref();
    const ready = client.connect();
    // The client's own would keep the process alive.
    const pinging = setInterval(() => {
      if (pinged.has(ear)) return drop(ear);
      pinged.add(ear);
      // One that is not ready by the next time hangs as it begins.
      const sign = client.isReady ? client.sendCommand(['PING']) : ready;
      sign.then(
        () => pinged.delete(ear),
        () => {}, // its silence tells
      );
    }, PING_EVERY_MS);
    pinging.unref();
    const ear: Ear = { address, client, ready, pinging };
    ears.set(address, ear);
    const lost = () => drop(ear);
    client.on('error', lost);
    client.on('end', lost);
    // The server sends a channel away when its slot moves to another one.
    client.on('sharded-channel-moved', (channel: string) => {
      const one = wanted.get(String(channel));
      if (one?.ear === ear) one.ear = null;
      store.suspect();
      retryLater();
    });
    ready.catch(lost);
    return ear;
  };

  const hearOn = async (channel: string, one: Wanted): Promise<void> => {
    const ear = earAt(await store.addressOf(channel));
    await ear.ready;
    await ear.client.sSubscribe(channel, (message) => {
      if (wanted.get(channel)?.ear === ear) hear(channel, message);
    });
    if (ears.get(ear.address) !== ear) throw new Error('The connection was lost.');
    one.ear = ear;
  };
  const tryToHear = async (channel: string, one: Wanted): Promise<boolean> => {
    one.trying ??= hearOn(channel, one).finally(() => {
      one.trying = null;
    });
    try {
      await one.trying;
      retryMs = RETRY_MS;
      return true;
    } catch {
      store.suspect();
      retryLater();
      return false;
    }
  };
  const hearAgain = async () => {
    const deaf = [...wanted].filter(([, { ear }]) => ear === null);
    const isHeard = await Promise.all(deaf.map(([channel, one]) => tryToHear(channel, one)));
    if (deaf.some(([, { isPromised }], at) => isPromised && isHeard[at])) missed();
  };

  return {
    async listen(channel) {
      const known = wanted.get(channel);
      const one = known ?? { ear: null, trying: null, isPromised: false };
      wanted.set(channel, one);
      if (one.ear === null) await tryToHear(channel, one);
      one.isPromised = true;
    },
    unlisten(channel) {
      const one = wanted.get(channel);
      wanted.delete(channel);
      one?.ear?.client.sUnsubscribe(channel).catch(() => {}); // what comes is for nobody then
    },
    close() {
      closed.abort();
      if (timer !== null) clearTimeout(timer);
      for (const ear of [...ears.values()]) {
        ears.delete(ear.address);
        clearInterval(ear.pinging);
        ear.client.destroy();
      }
    },
  };
};
