import { strict as assert } from 'node:assert';
import { EMPTY_POSITION } from '../../protocol/extension.ts';
import type { Append } from '../engine/log.ts';
import { type CaseOf, contractCase, createBell, done, eventually, text } from './scene.ts';

const gotten = <T>(result: PromiseSettledResult<T> | undefined): T | undefined =>
  result?.status === 'fulfilled' ? result.value : undefined;

/** The forms that take many at once, where an engine has them. */
export const MANY_CASES: readonly CaseOf[] = [
  contractCase(
    'appends many at once, those of one user in their order, and says of each what came of it',
    async ({ engine, textsOf }) => {
      if (engine.appendMany === undefined) return;
      const bell = createBell();
      engine.subscribe('bert', bell.ring);
      const before = bell.count;
      const mark = { origin: 'cleo', n: 1 };
      const appends: Append[] = [
        { userId: 'anna', texts: [text(1), text(2)] },
        { userId: 'bert', texts: [text('b')], mark },
        { userId: 'anna', texts: [text(3)] },
        { userId: 'bert', texts: [text('again')], mark },
        { userId: 'anna', texts: [] },
        { userId: '', texts: [text('nobody')] },
      ];
      const results = await engine.appendMany(appends);
      assert.equal(results.length, appends.length);
      assert.equal(gotten(results[0])?.length, 2);
      assert.equal(gotten(results[1])?.length, 1);
      assert.equal(gotten(results[2])?.[0], await engine.last('anna'));
      assert.equal(gotten(results[3]), 'repeat');
      assert.deepEqual(gotten(results[4]), []);
      assert.deepEqual(await textsOf('anna'), [text(1), text(2), text(3)]);
      assert.deepEqual(await textsOf('bert'), [text('b')]);
      assert.deepEqual(await textsOf(''), [text('nobody')]);
      await eventually(() => assert.ok(bell.count > before));
      assert.deepEqual(await engine.appendMany([]), []);
    },
  ),
  contractCase(
    'lets in of many appends with one mark those that rise, and numbers of others beside them',
    async ({ engine, textsOf }) => {
      if (engine.appendMany === undefined) return;
      const appends: Append[] = [1, 3, 2, 3, 4].map((n) => ({
        userId: 'anna',
        texts: [text(n), text(`${n} too`)],
        mark: { origin: 'bert', n },
      }));
      const beside: Append[] = ['bert', 'cleo', 'dora'].map((userId) => ({
        userId,
        texts: [text(userId)],
        mark: { origin: 'bert', n: 2 },
      }));
      const results = (await engine.appendMany([...appends, ...beside])).map(gotten);
      const marks = results.map((result) => (result === 'repeat' ? result : result?.length));
      assert.deepEqual(marks, [2, 2, 'repeat', 'repeat', 2, 1, 1, 1]);
      const kept = [1, 3, 4].flatMap((n) => [text(n), text(`${n} too`)]);
      assert.deepEqual(await textsOf('anna'), kept);
      const again = (await engine.appendMany([...appends, ...beside])).map(gotten);
      assert.deepEqual(
        again,
        again.map(() => 'repeat'),
      );
      assert.deepEqual(await textsOf('anna'), kept);
      assert.deepEqual(await textsOf('cleo'), [text('cleo')]);
    },
  ),
  contractCase(
    'keeps maxCount of what is appended at once, and the chain of it',
    { maxCount: 3 },
    async ({ engine }) => {
      if (engine.appendMany === undefined) return;
      const toAnna = Array.from({ length: 7 }, (_, n): Append => ({ userId: 'anna', texts: [text(n)] }));
      const toOthers = ['bert', 'cleo', 'dora'].map((userId): Append => ({ userId, texts: [text(userId)] }));
      const ids = (await engine.appendMany([...toAnna, ...toOthers])).map(
        (result) => gotten(result)?.[0] ?? '',
      );
      assert.equal(await engine.readAfter('anna', ids[2] ?? '', 10), null);
      assert.deepEqual(
        await engine.readAfter('anna', ids[3] ?? '', 10),
        [4, 5, 6].map((n) => ({ id: ids[n], prev: ids[n - 1], text: text(n) })),
      );
      assert.equal(await engine.last('dora'), ids[9]);
    },
  ),
  contractCase('appends to a thousand users at once', async ({ engine, textsOf }) => {
    if (engine.appendMany === undefined) return;
    const users = Array.from({ length: 1_000 }, (_, at) => `user ${at}`);
    const results = await engine.appendMany(users.map((userId) => ({ userId, texts: [text(userId)] })));
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1_000);
    for (const userId of users.filter((_, at) => at % 100 === 0))
      assert.deepEqual(await textsOf(userId), [text(userId)]);
  }),
  contractCase('decides many at once, those of one client in their order', async ({ engine }) => {
    if (engine.decideMany === undefined) return;
    const first = done(1, [{ userIds: ['bert'], text: text(1) }]);
    const results = await engine.decideMany([
      { userId: 'anna', clientId: 'page', decision: first, seen: 0 },
      { userId: 'anna', clientId: 'page', decision: done(2), seen: 1 },
      { userId: 'bert', clientId: 'page', decision: done(7), seen: 0 },
      { userId: 'anna', clientId: 'page', decision: done(9), seen: 1 },
    ]);
    assert.deepEqual(results.map(gotten), [
      { decided: 1, stored: { ...first, fanned: false } },
      { decided: 2, stored: { ...done(2), fanned: true } },
      { decided: 7, stored: { ...done(7), fanned: true } },
      { decided: 2, stored: null },
    ]);
    assert.deepEqual(await engine.unfanned('anna'), [{ clientId: 'page', decision: first }]);
    assert.deepEqual(await engine.decideMany([]), []);
  }),
  contractCase(
    'stores of many decisions those that are new, and says of each other what was stored before',
    async ({ engine }) => {
      if (engine.decideMany === undefined) return;
      const users = ['anna', 'bert', 'cleo', 'dora', 'emil'];
      const decideAll = async (n: number, seen: number, key = `key ${n}`) =>
        (
          (await engine.decideMany?.(
            users.map((userId) => ({ userId, clientId: 'page', decision: { ...done(n), key }, seen })),
          )) ?? []
        ).map(gotten);
      const stored = (n: number) => ({ decided: n, stored: { ...done(n), fanned: true } });
      assert.deepEqual(
        await decideAll(1, 0),
        users.map(() => stored(1)),
      );
      await engine.decide('cleo', 'page', done(2), 1);
      const second = await decideAll(2, 1, 'another key');
      const another = { decided: 2, stored: { ...done(2), key: 'another key', fanned: true } };
      assert.deepEqual(
        second,
        users.map((user) => (user === 'cleo' ? stored(2) : another)),
      );
      assert.deepEqual(
        await decideAll(4, 3),
        users.map(() => ({ decided: 2, stored: null })),
      );
    },
  ),
  contractCase(
    'forgets marks and clients that nobody touched for 28 days, where many come at once',
    async ({ engine, clock, passDays }) => {
      if (engine.appendMany === undefined || engine.decideMany === undefined) return;
      const users = ['anna', 'bert', 'cleo', 'dora'];
      const appends = users.map((userId) => ({ userId, texts: [text(1)], mark: { origin: 'page', n: 1 } }));
      const decides = users.map((userId) => ({ userId, clientId: 'page', decision: done(1), seen: 0 }));
      await engine.appendMany(appends);
      await engine.decideMany(decides);
      await passDays(28);
      assert.deepEqual((await engine.appendMany(appends)).map(gotten), [
        'repeat',
        'repeat',
        'repeat',
        'repeat',
      ]);
      clock.ms += 1;
      for (let n = 1; n <= 20; n += 1) await engine.append('somebody', [text(n)]);
      for (const result of await engine.appendMany(appends)) assert.equal(gotten(result)?.length, 1);
      for (const result of await engine.decideMany(decides)) assert.equal(gotten(result)?.decided, 1);
    },
  ),
  contractCase('chains what many callers append at once', async ({ engine }) => {
    const append = engine.appendMany?.bind(engine);
    if (append === undefined) return;
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        append([
          { userId: 'anna', texts: [text(n)] },
          { userId: `user ${n}`, texts: [text(n)] },
        ]),
      ),
    );
    const log = (await engine.readAfter('anna', EMPTY_POSITION, 100)) ?? [];
    assert.equal(log.length, 20);
    log.reduce((prev, entry) => {
      assert.equal(entry.prev, prev);
      return entry.id;
    }, EMPTY_POSITION);
  }),
];
