import { setTimeout as sleep } from 'node:timers/promises';
import { StatesocketError } from '../../protocol/errors.ts';
import { randomSuffix } from '../engine/position.ts';
import type { Connection } from './connection.ts';
import { fateOf, RequestFailed } from './failure.ts';
import { causeOf, type Requests } from './requests.ts';
import { EPOCH } from './scripts.ts';
import { sharedRun } from './shared-run.ts';
import type { Master, Store } from './store.ts';

/** How often it is looked whether the store was emptied, and after how many looks at the servers themselves, in ms. */
const LOOK_EVERY_MS = 1_000;
const LOOKS_PER_CHECK_COUNT = 60;

const OLDEST_VERSION = 7;

/** The lines of INFO. */
const readInfo = (text: unknown): ReadonlyMap<string, string> =>
  new Map([...String(text).matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name = '', value = '']) => [name, value]));

/** Of a server that is not to be had. */
const UNKNOWN = { now: '?', before: '?' };

const unfit = (what: string): never => {
  throw new StatesocketError('engine-failed', what);
};

/** Throws, in words, for a server that cannot keep what the engine promises. */
const checkFitness = (info: ReadonlyMap<string, string>): void => {
  const version = info.get('redis_version') ?? '0';
  if (Number.parseInt(version, 10) < OLDEST_VERSION)
    unfit(`This is Redis ${version}, and the engine needs Redis 7 or newer, or Valkey. Upgrade it.`);
  if (info.get('role') !== 'master') throw new Error('READONLY It is a replica.');
  const policy = info.get('maxmemory_policy') ?? '';
  // `volatile-…` drops only what has a time to live, and nothing of the engine's has one.
  if (policy.startsWith('allkeys-') && info.get('maxmemory') !== '0')
    unfit(
      `This Redis drops any key when its memory is full (maxmemory-policy ${policy}), so messages would vanish without a word. Set it to noeviction.`,
    );
};

/**
 * Knows the histories of the servers, and so which epoch it is. A server that was started again, or that took over from another, may have
 * lost what had been confirmed last: with a new epoch each log goes on from a position that nobody has, and its readers see a
 * discontinuity. Each call names the history that it is meant for, so that none takes effect before this has been seen.
 */
export interface Histories {
  /** The history that a server is known by; empty: by none. */
  of(connection: Connection): string;
  readonly epoch: number;
  /** A part of the positions that this epoch begins with. */
  readonly token: string;
  /** Asks all servers. @throws {RequestFailed} */
  check(): Promise<void>;
  /** Looks at them again and again, in the background. */
  watch(): void;
  stop(): void;
}

export const createHistories = (options: {
  readonly store: Store;
  readonly requests: Requests;
  readonly epochKey: string;
  readonly isLossless: boolean;
}): Histories => {
  const { store, requests, epochKey, isLossless } = options;
  const histories = new Map<string, string>();
  const stopped = new AbortController();
  let current = { epoch: -1, token: '' };
  let unfitness: unknown = null;

  const historyOf = async ({ id, connection }: Master) => {
    const info = readInfo(await connection.send(['INFO', 'everything']));
    checkFitness(info);
    return { id, connection, now: info.get('master_replid') ?? '', before: info.get('master_replid2') ?? '' };
  };
  const checkOnce = async () => {
    const masters = await store.masters();
    const asked = await Promise.allSettled(masters.map(historyOf));
    const failed = asked.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
    // One that is not to be had says nothing of the others.
    const grave = failed.find((error) => fateOf(causeOf(error)) !== 'lost');
    if (grave !== undefined || failed.length === asked.length) throw grave ?? failed[0];
    const servers = asked.map((result, at) =>
      result.status === 'fulfilled'
        ? result.value
        : { ...UNKNOWN, id: masters[at]?.id ?? '', connection: null },
    );
    const reply = await requests.run(
      EPOCH,
      [epochKey],
      [
        String(current.epoch),
        randomSuffix(),
        isLossless ? '1' : '0',
        ...servers.flatMap(({ id, now, before }) => [id, now, before]),
      ],
    );
    const [epoch, token] = reply as [number, string];
    current = { epoch, token };
    histories.clear();
    for (const { connection, now } of servers)
      if (connection !== null) histories.set(connection.address, now);
  };
  const check = sharedRun(() =>
    checkOnce().then(
      () => {
        unfitness = null;
      },
      (error) => {
        const cause = causeOf(error);
        unfitness = cause instanceof StatesocketError ? cause : null;
        // Whoever waited for it has sent nothing.
        throw new RequestFailed(cause, false);
      },
    ),
  );
  const look = async (count: number) => {
    if (unfitness !== null || count % LOOKS_PER_CHECK_COUNT === 0) return check();
    const stored = await requests.command(epochKey, ['HGET', epochKey, 'epoch']);
    if (Number(stored ?? -1) !== current.epoch) await check();
  };
  const watch = async () => {
    const { signal } = stopped;
    for (let count = 1; !signal.aborted; count += 1) {
      await sleep(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => {}); // stopped
      if (!signal.aborted) await look(count).catch(() => {}); // the calls beside it tell of the store
    }
  };

  return {
    of: ({ address }) => (unfitness === null ? (histories.get(address) ?? '') : ''),
    get epoch() {
      return current.epoch;
    },
    get token() {
      return current.token;
    },
    check,
    watch: () => void watch(),
    stop: () => stopped.abort(),
  };
};
