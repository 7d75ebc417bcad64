import { strict as assert } from 'node:assert';
import type { Decision } from '../engine/decisions.ts';
import { type CaseOf, contractCase, done, rejected, text } from './scene.ts';

/** What became of commands. */
export const DECISION_CASES: readonly CaseOf[] = [
  contractCase(
    'decides a number once: the first decision stands, whoever asks again (I3)',
    async ({ engine }) => {
      const first = done(4, [{ userIds: ['bert'], text: text(4) }]);
      assert.deepEqual(await engine.decide('anna', 'page', first, 0), {
        decided: 4,
        stored: { ...first, fanned: false },
      });
      const again: Decision = { ...rejected(4, 'late'), key: 'another' };
      for (const seen of [0, 4])
        assert.deepEqual(await engine.decide('anna', 'page', again, seen), {
          decided: 4,
          stored: { ...first, fanned: false },
        });
      assert.deepEqual(await engine.recall('anna', 'page', 4), {
        decided: 4,
        stored: { ...first, fanned: false },
      });
    },
  ),
  contractCase('keeps an origin, an odd text and a rejection with a decision', async ({ engine }) => {
    const odd = done(1, [
      { userIds: ['bert', ''], text: JSON.stringify({ type: '\u0000\ud83c\udf81"\\' }) },
      { userIds: [], text: text(1), origin: { outbox: 'mail', row: 7 } },
    ]);
    await engine.decide('anna', 'page', odd, 0);
    await engine.decide('anna', 'page', rejected(2, 'not-allowed'), 1);
    assert.deepEqual((await engine.recall('anna', 'page', 1)).stored, { ...odd, fanned: false });
    assert.deepEqual((await engine.recall('anna', 'page', 2)).stored, {
      ...rejected(2, 'not-allowed'),
      fanned: true,
    });
  }),
  contractCase('takes one decision when two sockets decide the same number at once', async ({ engine }) => {
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((key) => engine.decide('anna', 'page', { ...done(1), key }, 0)),
    );
    assert.equal(new Set(answers.map(({ stored }) => stored?.key)).size, 1);
  }),
  contractCase('keeps the numbers of users and of clients apart', async ({ engine }) => {
    await engine.decide('anna', 'page', done(9), 0);
    for (const [userId, clientId] of [
      ['bert', 'page'],
      ['anna', 'Page'],
      ['anna', '__proto__'],
      ['', ''],
    ] as const)
      assert.deepEqual(await engine.recall(userId, clientId, 9), { decided: 0, stored: null });
  }),
  contractCase(
    'stores nothing for a caller that has seen more than it has: it lost its tail',
    async ({ engine }) => {
      await engine.decide('anna', 'page', done(5), 0);
      assert.equal((await engine.decide('anna', 'page', done(8), 7)).decided, 5);
      assert.deepEqual(await engine.recall('anna', 'page', 8), { decided: 5, stored: null });
      assert.equal((await engine.decide('bert', 'page', done(8), 7)).decided, 0);
      assert.deepEqual(await engine.recall('bert', 'page', 8), { decided: 0, stored: null });
    },
  ),
  contractCase(
    'stores nothing for a caller that has seen less than it has: another socket decides for this client, too',
    async ({ engine }) => {
      await engine.decide('anna', 'page', done(5), 0);
      for (const seen of [0, 4])
        assert.deepEqual(await engine.decide('anna', 'page', done(8), seen), { decided: 5, stored: null });
      assert.equal((await engine.decide('anna', 'page', done(8), 5)).decided, 8);
    },
  ),
  contractCase('drops what was to be told when it was told, and says what is decided', async ({ engine }) => {
    await engine.decide('anna', 'page', done(1, [{ userIds: ['bert'], text: text(1) }]), 0);
    await engine.decide('anna', 'page', done(2), 1);
    assert.equal(await engine.fanned('anna', 'page', 1), 2);
    assert.deepEqual((await engine.recall('anna', 'page', 1)).stored, { ...done(1), fanned: true });
    assert.equal(await engine.fanned('anna', 'page', 77), 2);
    assert.equal(await engine.fanned('bert', 'page', 1), 0);
  }),
  contractCase(
    'forgets what is receipted when a socket begins, but nothing that was not told yet',
    async ({ engine }) => {
      const untold = done(2, [{ userIds: ['bert'], text: text(2) }]);
      await engine.decide('anna', 'page', rejected(1, 'no'), 0);
      await engine.decide('anna', 'page', untold, 1);
      await engine.decide('anna', 'page', rejected(3, 'no'), 2);
      await engine.decide('anna', 'page', rejected(4, 'no'), 3);
      assert.deepEqual(await engine.resumeCommands('anna', 'page', 1), { decided: 4, unfanned: [untold] });
      assert.deepEqual(await engine.resumeCommands('anna', 'page', 4), { decided: 4, unfanned: [untold] });
      const kept = async (n: number) => (await engine.recall('anna', 'page', n)).stored !== null;
      assert.deepEqual(
        [await kept(1), await kept(2), await kept(3), await kept(4)],
        [false, true, false, true],
      );
      await engine.fanned('anna', 'page', 2);
      assert.deepEqual(await engine.resumeCommands('anna', 'page', 4), { decided: 4, unfanned: [] });
      assert.deepEqual(await engine.resumeCommands('anna', 'unknown', 4), { decided: 0, unfanned: [] });
    },
  ),
  contractCase(
    'knows what is not told yet of all clients of a user, by rising number',
    async ({ engine }) => {
      const told = (n: number) => done(n, [{ userIds: ['bert'], text: text(n) }]);
      await engine.decide('anna', 'page', told(1), 0);
      await engine.decide('anna', 'other', told(1), 0);
      await engine.decide('anna', 'page', rejected(2, 'no'), 1);
      await engine.decide('anna', 'page', told(3), 2);
      await engine.decide('bert', 'page', told(1), 0);
      const left = async () =>
        (await engine.unfanned('anna')).map(({ clientId, decision }) => `${clientId} ${decision.n}`);
      assert.deepEqual(
        (await left()).filter((name) => name.startsWith('page')),
        ['page 1', 'page 3'],
      );
      assert.equal((await left()).length, 3);
      assert.deepEqual(
        (await engine.unfanned('anna')).filter(({ clientId }) => clientId === 'other'),
        [{ clientId: 'other', decision: told(1) }],
      );
      await engine.fanned('anna', 'page', 1);
      await engine.fanned('anna', 'other', 1);
      assert.deepEqual(await left(), ['page 3']);
      assert.deepEqual(await engine.unfanned('nobody'), []);
    },
  ),
  contractCase(
    'keeps the last 64 decisions of a client, and older ones only until they are told (I15)',
    async ({ engine }) => {
      await engine.decide('anna', 'page', done(1, [{ userIds: ['bert'], text: text(1) }]), 0);
      for (let n = 2; n <= 100; n += 1) await engine.decide('anna', 'page', rejected(n, 'no'), n - 1);
      const kept: number[] = [];
      for (let n = 1; n <= 100; n += 1)
        if ((await engine.recall('anna', 'page', n)).stored !== null) kept.push(n);
      assert.equal(kept[0], 1);
      assert.deepEqual(
        kept.slice(-64),
        Array.from({ length: 64 }, (_, at) => 37 + at),
      );
      assert.ok(kept.length <= 66);
    },
  ),
  contractCase(
    'keeps what the last 16 clients of a user decided, and of each other the number and what is not told (I15)',
    async ({ engine, clock }) => {
      const untold = done(2, [{ userIds: ['bert'], text: text(2) }]);
      const pages = Array.from({ length: 40 }, (_, at) => `page ${at}`);
      for (const page of pages) {
        clock.ms += 1;
        await engine.decide('anna', page, rejected(1, 'no'), 0);
        if (page === 'page 0') await engine.decide('anna', page, untold, 1);
      }
      await engine.decide('bert', 'page 0', rejected(1, 'no'), 0);
      for (const page of pages.slice(-16))
        assert.deepEqual((await engine.recall('anna', page, 1)).stored, {
          ...rejected(1, 'no'),
          fanned: true,
        });
      for (const page of pages.slice(1)) assert.equal((await engine.recall('anna', page, 1)).decided, 1);
      assert.deepEqual(await engine.recall('anna', 'page 0', 2), {
        decided: 2,
        stored: { ...untold, fanned: false },
      });
      assert.deepEqual(await engine.unfanned('anna'), [{ clientId: 'page 0', decision: untold }]);
      assert.notEqual((await engine.recall('bert', 'page 0', 1)).stored, null);
    },
  ),
  contractCase('takes the largest number there is', async ({ engine }) => {
    const n = Number.MAX_SAFE_INTEGER;
    assert.equal((await engine.decide('anna', 'page', done(n), 0)).decided, n);
    assert.equal((await engine.decide('anna', 'page', done(n - 1), n)).stored, null);
    assert.deepEqual(await engine.recall('anna', 'page', n), {
      decided: n,
      stored: { ...done(n), fanned: true },
    });
    await engine.append('anna', [text(1)], { origin: 'bert', n });
    assert.equal(await engine.append('anna', [text(1)], { origin: 'bert', n }), 'repeat');
  }),
  contractCase(
    'remembers a client for four times as long as it keeps a command',
    async ({ engine, clock, passDays }) => {
      await engine.decide('anna', 'page', rejected(1, 'no'), 0);
      await passDays(28);
      await engine.decide('anna', 'other', done(1), 0);
      assert.notEqual((await engine.recall('anna', 'page', 1)).stored, null);
      clock.ms += 1;
      await engine.decide('anna', 'other', done(2), 1);
      assert.deepEqual(await engine.recall('anna', 'page', 1), { decided: 0, stored: null });
      assert.equal((await engine.recall('anna', 'other', 2)).decided, 2);
    },
  ),
];
