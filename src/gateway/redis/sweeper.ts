import { setTimeout as sleep } from 'node:timers/promises';
import { fromStored } from '../engine/stored-text.ts';
import type { Connection } from './connection.ts';
import type { Keys } from './keys.ts';
import type { SlotCall } from './slot-lines.ts';
import type { Store } from './store.ts';

/** How many keys are looked at in one step, how long it rests between two, and between two rounds, in ms. */
const KEYS_AT_ONCE_COUNT = 100;
const STEP_MS = 200;
const ROUND_MS = 10_000;

/** Forgets what is too old of all users, in the background, a few at a time. */
export interface Sweeper {
  stop(): Promise<void>;
}

/**
 * Several processes may do it at once. No time to live does it: that is counted by the clock of the server, which may jump; and a log
 * keeps its head for ever.
 *
 * @param options.call Does a call in the slot that has this key. Rejects where it was refused.
 */
export const createSweeper = (options: {
  readonly store: Store;
  readonly keys: Keys;
  readonly started: () => Promise<unknown>;
  readonly call: (slotKey: string, call: Omit<SlotCall, 'userId'>) => Promise<unknown>;
}): Sweeper => {
  const { store, keys, started, call } = options;
  const stopped = new AbortController();
  const { signal } = stopped;

  const rest = (ms: number) => sleep(ms, undefined, { signal, ref: false }).catch(() => {}); // stopped
  const sweepSlot = async (slotKey: string) => {
    for (let cursor = '0'; ; ) {
      const given = [cursor];
      const [next, clients] = (await call(slotKey, {
        name: 'sweep',
        args: (age) => [age, ...given],
        isRepeatable: true,
      })) as [string, readonly string[]];
      for (const stored of clients)
        await call(slotKey, {
          name: 'forget',
          clientId: fromStored(stored),
          args: (age, at) => [age, stored, at],
          isRepeatable: true,
        });
      if (next === '0' || signal.aborted) return;
      cursor = next;
    }
  };
  const sweepServer = async ({ send }: Connection) => {
    for (let cursor = '0'; ; ) {
      const scan = ['SCAN', cursor, 'MATCH', keys.slotPattern, 'COUNT', String(KEYS_AT_ONCE_COUNT)];
      const [next, found] = (await send(scan)) as [string, readonly string[]];
      // A slot that cannot be swept keeps no other from it: it waits for the next round.
      await Promise.allSettled(found.map(sweepSlot));
      if (next === '0' || signal.aborted) return;
      cursor = next;
      await rest(STEP_MS);
    }
  };
  const sweep = async () => {
    while (!signal.aborted) {
      await rest(STEP_MS);
      try {
        await started();
        for (const { connection } of await store.masters())
          if (!signal.aborted) await sweepServer(connection);
      } catch {
        // What is too old waits for the next round; the calls beside it tell of the store.
      }
      if (!signal.aborted) await rest(ROUND_MS);
    }
  };
  const sweeping = sweep();

  return {
    async stop() {
      stopped.abort();
      await sweeping;
    },
  };
};
