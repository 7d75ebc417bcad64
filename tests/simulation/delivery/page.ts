import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Connection, WireMessage } from 'statesocket';
import type { Browser } from './browser.ts';
import type { ChatApp, Say } from './chat-app.ts';
import { MAX_PAYLOAD_BYTES } from './gateway-node.ts';
import { type History, type Mood, nameOf } from './history.ts';
import { createHost, type Host } from './host.ts';
import { createWebSocketClass } from './link.ts';
import type { Network } from './network.ts';
import type { Parts } from './parts.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** How the app's HTTP answers a page that reloads. */
export type HttpMood = 'well' | 'slow' | 'failing' | 'hanging';

/** A page of the app with a real connection in it. */
export interface Page {
  /** Another one after a logout: what the app had made of the messages is gone, too. */
  readonly name: string;
  readonly user: string;
  readonly host: Host;
  readonly browser: Browser;
  readonly connection: Connection<WireMessage>;
  /** Entries that wait for the wire or for a verdict. */
  readonly waitingCount: number;
  /** The connection has reported that the storage fails. */
  readonly hasGivenUpStorage: boolean;
  /** All of these messages are here. */
  hasAll(names: readonly string[]): boolean;
  say(what: { readonly to: readonly string[]; readonly parts: number; readonly mood: Mood }): void;
  /** The name of what was sent; null: nothing was. */
  nudge(to: readonly string[]): string | null;
  /** A person presses retry on every failed entry, or throws away the oldest that waits. */
  retryFailed(): void;
  discardOldest(): void;
  /** The next durable message makes the listener throw this often. */
  stumble(times: number): void;
  /** HTTP requests that hang are given up. */
  unhang(): void;
  /** The tab is gone: no code of it runs any more. */
  close(): void;
  disconnect(): void;
  logout(): void;
  connect(): void;
  /** A person presses retry. */
  retry(): void;
}

export interface PageOptions {
  readonly name: string;
  readonly user: string;
  readonly keeps: boolean;
  readonly parts: Parts;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly history: History;
  readonly app: ChatApp;
  readonly browser: Browser;
  readonly maxCount: number;
  readonly maxAgeMs: number;
  /** The app knows that its server speaks the extension. */
  readonly knowsServer: boolean;
  readonly httpMood: () => HttpMood;
  readonly network: Network;
}

const HTTP_MS = 40;
const SLOW_HTTP_MS = 4_000;

/** A schema of the app: it refuses what a handler should not have published. */
const schemaOf = (refused: (message: WireMessage) => void): StandardSchemaV1<unknown, WireMessage> => ({
  '~standard': {
    version: 1,
    vendor: 'simulation',
    validate(value) {
      const message = value as WireMessage;
      if (message.bad !== true) return { value: message };
      refused(message);
      return { issues: [{ message: 'bad' }] };
    },
  },
});

export const openPage = (options: PageOptions): Page => {
  const { user, keeps, scheduler, history, app, browser } = options;
  const host = createHost(scheduler, options.name);
  let name = options.name;
  /** What it has, by name. */
  const has = new Set<string>();
  const hanging: (() => void)[] = [];
  const shown = new Map<string, string>();
  let stumbles = 0;
  let saidCount = 0;
  /** After a disconnect it numbers again, and another tab may have taken over what it left: an order of its own. */
  let stream = name;
  let isSaying = false;
  let hasGivenUpStorage = false;

  const nameOfMessage = ({ ref, part }: WireMessage) => ({ ref: String(ref), part: Number(part) });
  const skip = (message: WireMessage) => {
    const named = nameOfMessage(message);
    has.add(nameOf(named));
    history.add({ what: 'skipped', page: name, ...named });
  };

  const connection = options.parts.createConnection<WireMessage>({
    url: 'wss://gateway.test/',
    WebSocket: createWebSocketClass((client) => options.network.dial(page, client)),
    clock: host.clock,
    random: options.random.fork('jitter').next,
    ack: true,
    messages: schemaOf(skip),
    delivery: options.parts.durableDelivery({
      // As the app of ours knows. What a page makes of a server that it has to find out about: tests/delivery/delivery.test.ts.
      server: options.knowsServer ? 'statesocket' : 'any',
      durable: ({ type }) => type === 'SAY',
      storage: keeps ? browser.storeOf(host) : 'memory',
      maxCount: options.maxCount,
      maxAgeMs: options.maxAgeMs,
    }),
  });

  const watchOutbox = () => {
    // The history names a command before it names its entry.
    if (isSaying) return;
    for (const entry of connection.outbox.entries) {
      const { key, state, code, message } = entry;
      const seen = `${state} ${code ?? ''}`;
      if (shown.get(key) === seen) continue;
      shown.set(key, seen);
      const uid = String(message.uid);
      const ref = app.refOf(key, uid);
      history.add({
        what: 'entry',
        page: name,
        ref,
        key,
        uid,
        state,
        ...(code === undefined ? {} : { code }),
      });
    }
  };
  const apply = (message: WireMessage) => {
    const named = nameOfMessage(message);
    if (stumbles > 0) {
      stumbles -= 1;
      if (stumbles === 0) skip(message);
      throw new Error('The listener stumbles.');
    }
    has.add(nameOf(named));
    history.add({ what: 'applied', page: name, id: String(message.id), ...named });
  };
  /** What HTTP answers is what the server has half-way; a page that has it merges it by name. */
  const reload = () =>
    new Promise<void>((resolve, reject) => {
      const mood = options.httpMood();
      const waitMs = HTTP_MS + (mood === 'slow' ? SLOW_HTTP_MS : 0);
      if (mood === 'hanging') {
        hanging.push(() => reject(new Error('The request was given up.')));
        return;
      }
      scheduler.after(waitMs / 2, () => {
        const have = app.historyOf(user);
        host.after(waitMs / 2, () => {
          if (mood === 'failing') return reject(new Error('503'));
          for (const one of have) has.add(one);
          history.add({ what: 'reloaded', page: name, have });
          resolve();
        });
      });
    });

  const page: Page = {
    get name() {
      return name;
    },
    user,
    host,
    browser,
    connection,
    get waitingCount() {
      return connection.outbox.entries.filter(({ state }) => state === 'queued' || state === 'sent').length;
    },
    get hasGivenUpStorage() {
      return hasGivenUpStorage;
    },
    hasAll: (names) => names.every((one) => has.has(one)),
    say({ to, parts, mood }) {
      saidCount += 1;
      const uid = `${stream}/${saidCount}`;
      const padding = mood === 'bulky' ? { padding: 'x'.repeat(MAX_PAYLOAD_BYTES) } : {};
      const message: Say = { type: 'SAY', uid, to, parts, mood, ...padding };
      isSaying = true;
      const answer = connection.send(message);
      isSaying = false;
      history.add({ what: 'said', page: name, uid, answer, to, parts, mood });
      watchOutbox();
    },
    nudge(to) {
      if (connection.status !== 'open') return null;
      saidCount += 1;
      const uid = `${name}/${saidCount}`;
      connection.send({ type: 'NUDGE', uid, to });
      return uid;
    },
    retryFailed() {
      for (const { key, state } of connection.outbox.entries)
        if (state === 'failed') connection.outbox.retry(key);
    },
    discardOldest() {
      const oldest = connection.outbox.entries.find(({ state }) => state === 'queued' || state === 'sent');
      if (oldest === undefined) return;
      const { key, message } = oldest;
      const uid = String(message.uid);
      history.add({ what: 'entry', page: name, ref: app.refOf(key, uid), key, uid, state: 'discarded' });
      connection.outbox.discard(key);
    },
    stumble(times) {
      stumbles = times;
    },
    disconnect() {
      if (connection.userId === null) return;
      stream += "'";
      history.add({ what: 'wish', page: name, wish: 'disconnect' });
      connection.disconnect();
    },
    logout() {
      if (connection.userId === null) return;
      history.add({ what: 'wish', page: name, wish: 'logout' });
      connection.logout();
      history.add({ what: 'page gone', page: name });
      name += '*';
      stream = name;
      saidCount = 0;
      has.clear();
      history.add({ what: 'page', page: name, user, keeps });
    },
    connect() {
      history.add({ what: 'wish', page: name, wish: 'connect' });
      connection.connect({ userId: user });
    },
    retry() {
      history.add({ what: 'wish', page: name, wish: 'retry' });
      connection.retry();
    },
    unhang() {
      for (const giveUp of hanging.splice(0)) giveUp();
    },
    close() {
      host.kill();
      browser.pageGone(host);
      history.add({ what: 'page gone', page: name });
    },
  };

  history.add({ what: 'page', page: name, user, keeps });
  connection.onError(({ code }) => {
    if (code === 'storage-failed') hasGivenUpStorage = true;
    history.add({ what: 'reported', by: name, code });
  });
  connection.on('SAID', apply);
  connection.on('NUDGED', ({ uid }) => history.add({ what: 'volatile', page: name, uid: String(uid) }));
  /** Who is online, as far as this page has heard. */
  let online: readonly string[] = [];
  const knowsOnline = (now: readonly string[]) => {
    online = now;
    history.add({ what: 'presence', page: name, online });
  };
  const without = (userId: unknown) => online.filter((other) => other !== userId);
  connection.on('PRESENCE', (message) => knowsOnline(message.online as string[]));
  connection.on('USER_ONLINE', ({ userId }) => knowsOnline([...without(userId), String(userId)]));
  connection.on('USER_OFFLINE', ({ userId }) => knowsOnline(without(userId)));
  connection.onDiscontinuity(({ reason }) => {
    history.add({ what: 'discontinuity', page: name, reason });
    return reload();
  });
  connection.delivery.subscribe(() =>
    history.add({ what: 'status', page: name, status: connection.delivery.getSnapshot().status }),
  );
  connection.outbox.subscribe(watchOutbox);
  connection.connect({ userId: user });
  return page;
};
