import { expect } from 'vitest';
import type { Engine } from '../../src/gateway/index.ts';

/** Of so many clients the built-in engines keep decisions. */
const KEPT_CLIENTS_COUNT = 16;
const PAGES_COUNT = 40;

/** What a user leaves is bounded, however many pages there were, and also where old pages come back. @param tick Some time passes. */
export const expectBoundedDecisions = async (engine: Engine, tick: () => void): Promise<void> => {
  const pages = Array.from({ length: PAGES_COUNT }, (_, at) => `page ${at}`);
  const decideAt = async (n: number) => {
    for (const page of pages) {
      tick();
      const decision = { n, key: `key ${n}`, verdict: { rejected: 'no' }, publications: [] } as const;
      await engine.decide('anna', page, decision, n - 1);
    }
  };
  const kept = async (n: number) => {
    const recalled = await Promise.all(pages.map((page) => engine.recall('anna', page, n)));
    return recalled.map(({ stored }) => stored !== null);
  };
  const last = pages.map((_, at) => at >= PAGES_COUNT - KEPT_CLIENTS_COUNT);
  await decideAt(1);
  expect(await kept(1)).toEqual(last);
  await decideAt(2);
  await decideAt(3);
  expect(await kept(3)).toEqual(last);
  expect((await kept(1)).filter(Boolean)).toEqual([]);
  expect(await engine.recall('anna', 'page 0', 1)).toEqual({ decided: 3, stored: null });
};
