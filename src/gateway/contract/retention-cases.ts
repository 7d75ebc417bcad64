import { strict as assert } from 'node:assert';
import { EMPTY_POSITION } from '../../protocol/extension.ts';
import { type CaseOf, contractCase, rejected, text } from './scene.ts';

/** What is dropped, and what is kept for ever. */
export const RETENTION_CASES: readonly CaseOf[] = [
  contractCase(
    'drops the oldest entries beyond maxCount, and says so to a reader that is behind (I5)',
    { maxCount: 3 },
    async ({ engine }) => {
      const ids = await engine.append('anna', [text(1), text(2), text(3), text(4), text(5)]);
      assert.equal(await engine.readAfter('anna', EMPTY_POSITION, 10), null);
      assert.equal(await engine.readAfter('anna', ids[0] ?? '', 10), null);
      // The predecessor of the first kept entry is still a place to go on from.
      assert.deepEqual(
        (await engine.readAfter('anna', ids[1] ?? '', 10))?.map((entry) => entry.id),
        ids.slice(2),
      );
    },
  ),
  contractCase(
    'keeps exactly maxCount entries, also when they come one by one',
    { maxCount: 3 },
    async ({ engine, textsOf }) => {
      for (let n = 1; n <= 3; n += 1) await engine.append('anna', [text(n)]);
      assert.deepEqual(await textsOf('anna'), [text(1), text(2), text(3)]);
      const [fourth] = await engine.append('anna', [text(4)]);
      assert.equal(await textsOf('anna'), undefined);
      assert.equal(await engine.last('anna'), fourth);
    },
  ),
  contractCase(
    'drops entries older than maxAgeMs at the next append, and goes on from the last position for ever',
    { maxAgeMs: 1000 },
    async ({ engine, clock }) => {
      const [old] = await engine.append('anna', [text(1)]);
      const [last] = await engine.append('anna', [text(2)]);
      clock.ms = 1_005_000;
      const [young] = await engine.append('anna', [text(3)]);
      assert.equal(await engine.readAfter('anna', old ?? '', 10), null);
      assert.deepEqual(await engine.readAfter('anna', last ?? '', 10), [
        { id: young, prev: last, text: text(3) },
      ]);
    },
  ),
  contractCase(
    'reaches users who get nothing new while others do, and their logs go on from the last position',
    { maxAgeMs: 1000 },
    async ({ engine, clock, textsOf }) => {
      const quiet = ['anna', 'bert', 'cleo'];
      const lasts = new Map<string, string>();
      for (const user of quiet) {
        await engine.append(user, [text(1), text(2)]);
        lasts.set(user, (await engine.append(user, [text(3)]))[0] ?? '');
      }
      clock.ms += 1000;
      await engine.append('somebody', [text('not too old yet')]);
      for (const user of quiet) assert.equal((await textsOf(user))?.length, 3);
      clock.ms += 1;
      for (let n = 0; n < 20; n += 1) await engine.append('somebody', [text(n)]);
      for (const user of quiet) {
        assert.equal(await textsOf(user), undefined);
        assert.deepEqual(await engine.readAfter(user, lasts.get(user) ?? '', 10), []);
        const [next] = await engine.append(user, [text(4)]);
        assert.deepEqual(await engine.readAfter(user, lasts.get(user) ?? '', 10), [
          { id: next, prev: lasts.get(user), text: text(4) },
        ]);
      }
      assert.equal((await textsOf('somebody'))?.length, 21);
    },
  ),
  contractCase(
    'forgets marks and clients of users who get nothing new while others do',
    async ({ engine, clock, passDays }) => {
      await engine.append('anna', [text(1)], { origin: 'bert', n: 1 });
      await engine.decide('anna', 'page', rejected(1, 'no'), 0);
      await passDays(28);
      clock.ms += 1;
      for (let n = 1; n <= 20; n += 1) await engine.append('somebody', [text(n)]);
      assert.equal((await engine.recall('anna', 'page', 1)).stored, null);
      assert.equal((await engine.append('anna', [text(1)], { origin: 'bert', n: 1 })).length, 1);
    },
  ),
  contractCase(
    'keeps order and leaves no hole when the wall clock is set back (I18)',
    { maxAgeMs: 1000 },
    async ({ engine, clock }) => {
      const [first] = await engine.append('anna', [text(1)]);
      clock.ms = 10_000;
      const [second] = await engine.append('anna', [text(2)]);
      clock.ms = 11_000;
      const [third] = await engine.append('anna', [text(3)]);
      assert.deepEqual(
        (await engine.readAfter('anna', EMPTY_POSITION, 10))?.map((entry) => entry.id),
        [first, second, third],
      );
    },
  ),
];
