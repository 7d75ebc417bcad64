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
