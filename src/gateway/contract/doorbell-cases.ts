import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { EMPTY_POSITION } from '../../protocol/extension.ts';
import { type CaseOf, contractCase, createBell, eventually, text } from './scene.ts';

/** An engine may ring once when it has subscribed: long enough for that. */
const STILL_MS = 50;

const stillBell = async (bell: { readonly count: number }) => {
  for (let before = -1; before !== bell.count; ) {
    before = bell.count;
    await sleep(STILL_MS);
  }
  return bell.count;
};

/** Who hears of an append. */
export const DOORBELL_CASES: readonly CaseOf[] = [
  contractCase(
    'rings the doorbell of this user when the append can be read, and of no other',
    async ({ engine }) => {
      const seen: number[] = [];
      const others = createBell();
      engine.subscribe('bert', others.ring);
      engine.subscribe('anna', () => {
        void engine
          .readAfter('anna', EMPTY_POSITION, 10)
          .then((read) => seen.push(read?.length ?? -1))
          .catch(() => seen.push(-1));
      });
      await engine.append('anna', [text(1), text(2)]);
      await eventually(() => assert.ok((seen.at(-1) ?? 0) >= 2));
      for (let n = 0; n < 5; n += 1) await engine.append('anna', [text(n)]);
      // Once, when it has subscribed.
      assert.ok((await stillBell(others)) <= 1);
    },
  ),
  contractCase(
    'rings every subscription until it is ended, the same function twice when it subscribed twice',
    async ({ engine }) => {
      const bell = createBell();
      const endFirst = engine.subscribe('anna', bell.ring);
      const endSecond = engine.subscribe('anna', bell.ring);
      const before = await stillBell(bell);
      await engine.append('anna', [text(1)]);
      await eventually(() => assert.ok(bell.count >= before + 2));
      endFirst();
      endFirst();
      const between = await stillBell(bell);
      await engine.append('anna', [text(2)]);
      await eventually(() => assert.ok(bell.count >= between + 1));
      endSecond();
      const after = bell.count;
      await engine.append('anna', [text(3)]);
      await sleep(STILL_MS);
      assert.equal(bell.count, after);
    },
  ),
  contractCase('appends nothing and rings nobody for an empty append', async ({ engine }) => {
    const bell = createBell();
    engine.subscribe('anna', bell.ring);
    for (let n = 0; n < 5; n += 1) assert.deepEqual(await engine.append('anna', []), []);
    assert.equal(await engine.last('anna'), EMPTY_POSITION);
    assert.ok((await stillBell(bell)) <= 1);
  }),
  contractCase('rings at every process that has the store', async ({ engine, beside }) => {
    const other = await beside();
    const bell = createBell();
    other.subscribe('anna', bell.ring);
    const before = await stillBell(bell);
    await engine.append('anna', [text(1)]);
    await eventually(() => assert.ok(bell.count > before));
    assert.equal((await other.readAfter('anna', EMPTY_POSITION, 10))?.length, 1);
  }),
  contractCase(
    'rings when it is asked to, where others may take its doorbell',
    async ({ engine, beside }) => {
      if (engine.ring === undefined) return;
      const other = await beside();
      const [bell, elsewhere, nobody] = [createBell(), createBell(), createBell()];
      engine.subscribe('anna', bell.ring);
      other.subscribe('bert', elsewhere.ring);
      other.subscribe('cleo', nobody.ring);
      const before = [await stillBell(bell), await stillBell(elsewhere)];
      engine.ring(['anna', 'bert']);
      await eventually(() => {
        assert.ok(bell.count > (before[0] ?? 0));
        assert.ok(elsewhere.count > (before[1] ?? 0));
      });
      assert.ok((await stillBell(nobody)) <= 1);
    },
  ),
];
