import type { RequestFailed } from '../../../../src/gateway/postgres/requests.ts';
import type { Host } from '../host.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Mishap } from './engine-kind.ts';

/** How long a request waits for a connection, and for its reply, in ms: as the engines have it. */
const SEND_DEADLINE_MS = 5_000;
const REPLY_DEADLINE_MS = 8_000;

/** What Postgres and Redis say, by mishap. */
const CODES: { readonly [M in Mishap]: string } = {
  'request lost': 'ECONNRESET',
  'reply lost': 'ECONNRESET',
  deadlock: '40P01',
  'serialisation failure': '40001',
  'statement timeout': '57014',
};

/** One node's connections to the server. */
export interface Line {
  readonly host: Host;
  /** So many requests end like this, each second one: what is done again does well. */
  suffer(mishap: Mishap, count: number): void;
  /**
   * A request: `arrive` takes what it needs as it reaches the server, `commit` lets it take effect, and `leave` gives back what was taken.
   * The effect is there before the reply is.
   *
   * @throws {RequestFailed}
   */
  send<T, Taken>(request: {
    readonly arrive: () => Taken;
    readonly commit: (taken: Taken) => Promise<T>;
    readonly leave: (taken: Taken) => void;
  }): Promise<T>;
}

/** A database server that several nodes reach over a network. Its connections end together. */
export interface StoreServer {
  readonly isReached: boolean;
  connect(host: Host, latencyMs: () => number): Line;
  standStill(ms: number): void;
  goDown(ms: number): void;
  /** After each end of all connections. */
  onLost(hear: (backAtMs: number) => void): void;
  heal(): void;
}

/** @param Failed The class that the engine under test knows. */
export const createStoreServer = (scheduler: Scheduler, Failed: typeof RequestFailed): StoreServer => {
  const failed = (code: string, isSent: boolean) =>
    new Failed(Object.assign(new Error(code), { code }), isSent);
  let upAtMs = 0;
  let movesAtMs = 0;
  /** Connections that were made in another life are gone. */
  let life = 0;
  const hearers: ((backAtMs: number) => void)[] = [];
  const healers: (() => void)[] = [];

  const connect = (host: Host, latencyMs: () => number): Line => {
    /** Of the next requests, in turn; null: it goes well. */
    let mishaps: (Mishap | null)[] = [];
    let lastArrivalMs = 0;
    healers.push(() => {
      mishaps = [];
    });
    const send: Line['send'] = ({ arrive, commit, leave }) =>
      new Promise((resolve, reject) => {
        const fail = (code: string) => host.after(latencyMs(), () => reject(failed(code, true)));
        const go = () => {
          const born = life;
          const mishap = mishaps.shift() ?? null;
          host.after(REPLY_DEADLINE_MS, () => reject(failed('OVERDUE', true)));
          // One connection after the other: what was sent first arrives first.
          lastArrivalMs = Math.max(lastArrivalMs, scheduler.nowMs + latencyMs());
          const reach = (run: () => void) => () => {
            if (life !== born) fail('ECONNRESET');
            else if (movesAtMs > scheduler.nowMs) scheduler.at(movesAtMs, reach(run));
            else run();
          };
          const arrived = () => {
            if (mishap !== null && mishap !== 'reply lost') return fail(CODES[mishap]);
            const taken = arrive();
            const finish = () => {
              leave(taken);
              if (life !== born) return fail('ECONNRESET');
              void commit(taken).then((result) => {
                if (mishap === 'reply lost') fail(CODES[mishap]);
                else host.after(latencyMs(), () => resolve(result));
              }, reject);
            };
            const moves = () => {
              if (movesAtMs > scheduler.nowMs && life === born) scheduler.at(movesAtMs, moves);
              else finish();
            };
            scheduler.after(1, moves);
          };
          scheduler.at(lastArrivalMs, reach(arrived));
        };
        const waitMs = upAtMs - scheduler.nowMs;
        if (waitMs <= 0) go();
        else if (waitMs < SEND_DEADLINE_MS) host.after(waitMs + 1, go);
        else host.after(SEND_DEADLINE_MS, () => reject(failed('ECONNREFUSED', false)));
      });
    return {
      host,
      send,
      suffer(mishap, count) {
        mishaps = Array.from({ length: 2 * count }, (_, at) => (at % 2 === 0 ? mishap : null));
      },
    };
  };
  return {
    get isReached() {
      return scheduler.nowMs >= upAtMs && scheduler.nowMs >= movesAtMs;
    },
    connect,
    standStill(ms) {
      movesAtMs = Math.max(movesAtMs, scheduler.nowMs + ms);
    },
    goDown(ms) {
      life += 1;
      upAtMs = Math.max(upAtMs, scheduler.nowMs + ms);
      for (const hear of hearers) hear(upAtMs);
    },
    onLost: (hear) => void hearers.push(hear),
    heal() {
      upAtMs = Math.min(upAtMs, scheduler.nowMs);
      movesAtMs = Math.min(movesAtMs, scheduler.nowMs);
      for (const heal of healers) heal();
    },
  };
};
