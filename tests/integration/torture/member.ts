import { get } from 'node:http';
import { type createConnection, exponentialBackoff } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { WebSocket } from 'ws';
import type { History, Mood, WireMember } from '../../simulation/delivery/history.ts';

/** One person with a client of the system that is tried. Its history is written in the words of the simulation. */
export interface Member {
  readonly user: string;
  /** It is connected, and nothing of its own waits any more. */
  readonly isSettled: boolean;
  /** How many of its messages wait. */
  readonly waitingCount: number;
  /** How it is, in words, for the end of the history. */
  readonly status: string;
  readonly delivery: string;
  say(what: { readonly to: readonly string[]; readonly parts: number; readonly mood: Mood }): void;
  leave(): void;
  comeBack(): void;
  end(): void;
}

export interface MemberOptions {
  readonly user: string;
  readonly port: number;
  readonly history: History;
  /** Learns how the app names the command of a key. */
  readonly named: (key: string, ref: string) => void;
}
export type OpenMember = (options: MemberOptions) => Member;

/** Within seconds, where the defaults take up to 30 s: minutes of faults stand for days. */
const BACKOFF = exponentialBackoff({ capMs: 3_000 });
const CONNECT_TIMEOUT_MS = 3_000;
/** Nobody is there to press a button. */
const MAX_RETRIES = 100_000;
const HTTP_TIMEOUT_MS = 4_000;

let linkCount = 0;

/** The sockets of one page: what it dials, what it sends and how they end is in the history. */
const recordedSockets = (page: string, user: string, history: History) =>
  class extends WebSocket {
    private readonly link: number;
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols);
      linkCount += 1;
      const link = linkCount;
      this.link = link;
      history.add({ what: 'dial', page });
      history.add({ what: 'link', link, page, user, speaks: true });
      this.once('close', (code) => history.add({ what: 'closed', link, by: 'server', code }));
    }
    override send(data: Parameters<WebSocket['send']>[0]): void {
      const text = String(data);
      const frame = JSON.parse(text) as WireMember | readonly WireMember[];
      const members = Array.isArray(frame) ? frame : [frame];
      if (!members.every(({ type }) => type === 'PING')) {
        const { link } = this;
        history.add({ what: 'frame', link, way: 'up', moment: 'sent', members, bytes: text.length, held: 0 });
      }
      super.send(data);
    }
  };

interface Loaded {
  readonly names: readonly string[];
  readonly place: number;
}

const load = (port: number, path: string): Promise<Loaded> =>
  new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let text = '';
      response.on('data', (piece) => {
        text += String(piece);
      });
      response.on('error', reject);
      response.on('close', () => {
        clearTimeout(timer);
        if (response.complete) resolve(JSON.parse(text) as Loaded);
        else reject(new Error('The answer was cut off.'));
      });
    });
    const timer = setTimeout(() => request.destroy(new Error('No answer in time.')), HTTP_TIMEOUT_MS);
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });

/** A page with a connection of ours, its outbox in memory. `create` makes the connection: a test may bend it. */
export const openStatesocketMember =
  (create: typeof createConnection): OpenMember =>
  ({ user, port, history, named }) => {
    const page = user;
    const shown = new Map<string, string>();
    let stream = page;
    let saidCount = 0;
    let place = 0;
    let isSaying = false;

    const connection = create({
      url: `ws://127.0.0.1:${port}/connect/${user}/`,
      WebSocket: recordedSockets(page, user, history),
      backoff: BACKOFF,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      maxRetries: MAX_RETRIES,
      delivery: durableDelivery({ durable: ({ type }) => type === 'SAY' }),
    });
    const watchOutbox = () => {
      // The history names a command before it names its entry.
      if (isSaying) return;
      for (const { key, state, code, message } of connection.outbox.entries) {
        const seen = `${state} ${code ?? ''}`;
        if (shown.get(key) === seen) continue;
        shown.set(key, seen);
        const uid = String(message.uid);
        named(key, uid);
        const why = code === undefined ? {} : { code };
        history.add({ what: 'entry', page, ref: uid, key, uid, state, ...why });
      }
    };
    const waitingCount = () =>
      connection.outbox.entries.filter(({ state }) => state === 'queued' || state === 'sent').length;

    history.add({ what: 'page', page, user, keeps: false });
    connection.onError(({ code }) => history.add({ what: 'reported', by: page, code }));
    connection.on('SAID', ({ id, ref, part }) =>
      history.add({ what: 'applied', page, id: String(id), ref: String(ref), part: Number(part) }),
    );
    for (const type of ['USER_ONLINE', 'USER_OFFLINE']) connection.on(type, () => {});
    connection.onDiscontinuity(async ({ reason }) => {
      history.add({ what: 'discontinuity', page, reason });
      const loaded = await load(port, `/${user}?place=${place}`);
      place = loaded.place;
      history.add({ what: 'reloaded', page, have: loaded.names });
    });
    connection.outbox.subscribe(watchOutbox);
    connection.connect({ userId: user });

    return {
      user,
      get isSettled() {
        const { status } = connection.delivery.getSnapshot();
        return connection.status === 'open' && status === 'live' && waitingCount() === 0;
      },
      get waitingCount() {
        return waitingCount();
      },
      get status() {
        return connection.status;
      },
      get delivery() {
        return connection.delivery.getSnapshot().status;
      },
      say({ to, parts, mood }) {
        saidCount += 1;
        const uid = `${stream}/${saidCount}`;
        isSaying = true;
        const answer = connection.send({ type: 'SAY', uid, to, parts, mood });
        isSaying = false;
        history.add({ what: 'said', page, uid, answer, to, parts, mood });
        watchOutbox();
      },
      leave() {
        // It numbers again when it is back: an order of its own.
        stream += "'";
        history.add({ what: 'wish', page, wish: 'disconnect' });
        connection.disconnect();
      },
      comeBack() {
        history.add({ what: 'wish', page, wish: 'connect' });
        connection.connect({ userId: user });
      },
      end: connection.dispose,
    };
  };
