import { StatesocketError } from '../../protocol/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { randomSuffix } from '../engine/position.ts';
import { retain } from '../engine/retention.ts';
import type { SharedClock } from '../engine/shared-clock.ts';
import { withDoorbell } from '../engine/with-doorbell.ts';
import { dialStore } from './dial.ts';
import { codeOf, failureOf } from './failure.ts';
import { createHistories, type Histories } from './histories.ts';
import { createKeys, type SlotKeys } from './keys.ts';
import { checkRedisOptions, type RedisEngineOptions } from './options.ts';
import { openRedisClock } from './redis-clock.ts';
import { createRedisDoorbell } from './redis-doorbell.ts';
import { causeOf, createRequests, type Requests, runOn } from './requests.ts';
import { scriptOf } from './scripts.ts';
import { keptRun } from './shared-run.ts';
import { createSlotCalls } from './slot-calls.ts';
import { createReplicaWait, createSlotLines, errorIn, packCalls, type SlotCall } from './slot-lines.ts';
import { SLOT_SCRIPT } from './slot-script.ts';
import { createSweeper } from './sweeper.ts';

const WAIT_DEADLINE_MS = 2_000;
const RUN = scriptOf(SLOT_SCRIPT);
const READS: ReadonlySet<string> = new Set(['readAfter', 'last', 'recall', 'unfanned']);

/** An engine that keeps the logs in Redis. */
export interface RedisEngine extends Engine {
  /**
   * Resolves when Redis is reached, and is one that can keep what the engine promises. Nothing has to wait for it: a server that starts
   * may, so as to fail at once.
   *
   * @throws {StatesocketError} `engine-failed`.
   */
  ready(): Promise<void>;
}

/** Looks at the servers and opens the clock, at the first need and again until it has worked. */
const createStart = (options: {
  readonly histories: Histories;
  readonly requests: Requests;
  readonly clockKey: string;
  readonly now: () => number;
}) => {
  const { histories, requests, clockKey, now } = options;
  let clock: SharedClock | null = null;
  return {
    started: keptRun(async () => {
      await histories.check();
      clock = await openRedisClock(requests, clockKey, now());
      histories.watch();
      return clock;
    }),
    /** Ages go on from where they were written down last. */
    save: async (isDue?: true) => void (await clock?.save(isDue).catch(() => {})), // the next one does
  };
};

/**
 * An engine that keeps the logs in Redis 7 or newer, or in Valkey, through the package `redis`: for gateways on several
 * machines that need no database. What `append` has resolved survives what Redis itself survives, which its persistence and its
 * replicas decide: `appendfsync everysec` may lose the last second, and a failover what the replica had not. The engine notices that
 * Redis was started again or failed over, and then shows each reader a discontinuity (see `lossless`).
 *
 * Calls of different users share the connection, and those of one user that wait share a script. While Redis is not
 * reached calls wait, for 5 s at most, then they fail. A Redis that evicts keys (`allkeys-…`) is refused.
 *
 * @throws {StatesocketError} `bad-option`. What goes wrong later is `engine-failed` of the call.
 * @example
 * const engine = redisEngine({ url: process.env.REDIS_URL });
 */
export const redisEngine = (options: RedisEngineOptions): RedisEngine => {
  checkRedisOptions(options);
  const { now = Date.now, suffix = randomSuffix, prefix = 'statesocket', lossless = false } = options;
  const { waitForReplicas = 0 } = options;
  const { maxCount, maxAgeMs } = retain(options.retention);
  const keys = createKeys(prefix);
  const dialling = dialStore(options);
  const { store } = dialling;
  const requests = createRequests(store);
  const histories = createHistories({ store, requests, epochKey: keys.epoch, isLossless: lossless });
  const { started, save } = createStart({ histories, requests, clockKey: keys.clock, now });
  const replicated = createReplicaWait(waitForReplicas, WAIT_DEADLINE_MS);

  const ready = () =>
    started().catch((error) => {
      throw failureOf(error);
    });

  /** Does calls in one slot, once its server's history is known. */
  const runIn = async (keysOfSlot: SlotKeys, calls: readonly SlotCall[]): Promise<readonly unknown[]> => {
    const clock = await started();
    const ageOf = ({ wallMs }: SlotCall) =>
      String(wallMs === undefined ? clock.ageMs : Math.floor(clock.advance(wallMs)));
    const packed = packCalls(calls, keysOfSlot, ageOf);
    const isWaiting = waitForReplicas > 0 && calls.some(({ name }) => !READS.has(name));
    const attempt = () =>
      store.at(keysOfSlot.slot, async (connection) => {
        const { epoch, token } = histories;
        const state = [histories.of(connection), epoch, token, maxCount, maxAgeMs, isWaiting ? 1 : 0].map(
          String,
        );
        const results = await runOn(connection, RUN, packed.keys, [...state, ...packed.args]);
        if (isWaiting) await replicated(connection);
        return results as readonly unknown[];
      });
    try {
      return await attempt();
    } catch (error) {
      if (codeOf(causeOf(error)) !== 'STALE') throw error;
      await histories.check();
      return attempt();
    }
  };
  const lines = createSlotLines(async (userId, calls) => {
    const results = await runIn(keys.ofUser(userId), calls);
    void save();
    return results;
  });
  const own = createRedisDoorbell({ dialling, requests, keys, started: ready });
  const calls = createSlotCalls({ lines, now, suffix, appended: (userId) => own.ring([userId]) });
  const engine: Engine = { ...calls, ...own, close: async () => {} };
  const rung = options.doorbell === undefined ? engine : withDoorbell(engine, options.doorbell);
  const sweeper = createSweeper({
    store,
    keys,
    started,
    async call(slotKey, call) {
      const [result] = await runIn(keys.ofSlot(slotKey), [{ ...call, userId: '' }]);
      const error = errorIn(result);
      if (error !== null) throw error;
      return result;
    },
  });
  const closed = new AbortController();
  const close = keptRun(async () => {
    closed.abort();
    await lines.close();
    await sweeper.stop();
    histories.stop();
    requests.close();
    await own.close();
    await save(true);
    store.close();
  });
  void started().catch(() => {}); // each call tells

  return {
    ...rung,
    async ready() {
      if (closed.signal.aborted) throw new StatesocketError('engine-failed', 'The engine is closed.');
      await ready();
    },
    close,
  };
};
