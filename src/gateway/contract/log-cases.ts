import { strict as assert } from 'node:assert';
import { EMPTY_POSITION } from '../../protocol/extension.ts';
import type { Decision } from '../engine/decisions.ts';
import { type CaseOf, contractCase, done, text } from './scene.ts';

/** What a log keeps, and how it is read. */
export const LOG_CASES: readonly CaseOf[] = [
  contractCase('begins every log at the empty position', async ({ engine }) => {
    assert.equal(await engine.last('anna'), EMPTY_POSITION);
    assert.deepEqual(await engine.readAfter('anna', EMPTY_POSITION, 10), []);
  }),
  contractCase(
    'gives entries back in the order of their appends, each naming its predecessor (I5)',
    async ({ engine }) => {
      const first = await engine.append('anna', [text(1), text(2)]);
      const second = await engine.append('anna', [text(3)]);
      const ids = [...first, ...second];
      assert.deepEqual(await engine.readAfter('anna', EMPTY_POSITION, 10), [
        { id: ids[0], prev: EMPTY_POSITION, text: text(1) },
        { id: ids[1], prev: ids[0], text: text(2) },
        { id: ids[2], prev: ids[1], text: text(3) },
      ]);
      assert.equal(await engine.last('anna'), ids[2]);
    },
  ),
  contractCase('reads after any stored position, up to the limit', async ({ engine }) => {
    const ids = await engine.append('anna', [text(1), text(2), text(3), text(4)]);
    const read = await engine.readAfter('anna', ids[0] ?? '', 2);
    assert.deepEqual(
      read?.map((entry) => entry.id),
      [ids[1], ids[2]],
    );
    assert.deepEqual(await engine.readAfter('anna', ids[3] ?? '', 2), []);
  }),
  contractCase('keeps the text byte for byte', async ({ engine }) => {
    const odd = JSON.stringify({
      type: 'X',
      text: 'ünï\u0000\ud83c\udf81 \\ " \u2028',
      deep: [{ a: null }],
    });
    await engine.append('anna', [odd]);
    assert.equal((await engine.readAfter('anna', EMPTY_POSITION, 1))?.[0]?.text, odd);
  }),
  contractCase(
    'gives back any text, client, key and code as it was given, also where it is no proper Unicode',
    async ({ engine, textsOf }) => {
      const odd = 'a\u0000b\ud800\u0001';
      const texts = [odd, '\u0000', '\ud83c\udf81', '\ufdd0"x"', ''];
      await engine.append('anna', texts, { origin: odd, n: 1 });
      assert.deepEqual(await textsOf('anna'), texts);
      assert.equal(await engine.append('anna', [odd], { origin: odd, n: 1 }), 'repeat');
      assert.equal((await engine.append('anna', [odd], { origin: 'a', n: 1 })).length, 1);
      const decision: Decision = {
        n: 1,
        key: odd,
        verdict: { rejected: odd },
        publications: [{ userIds: [odd], text: odd }],
      };
      await engine.decide('anna', odd, decision, 0);
      assert.deepEqual(await engine.unfanned('anna'), [{ clientId: odd, decision }]);
      assert.deepEqual(await engine.resumeCommands('anna', odd, 1), { decided: 1, unfanned: [decision] });
      assert.equal(await engine.fanned('anna', odd, 1), 1);
      const told = { ...decision, publications: [], fanned: true };
      assert.deepEqual(await engine.recall('anna', odd, 1), { decided: 1, stored: told });
      assert.deepEqual(await engine.recall('anna', 'a', 1), { decided: 0, stored: null });
    },
  ),
  contractCase('keeps the logs of users apart, whatever their ids (I14)', async ({ engine }) => {
    const users = [
      'anna',
      'Anna',
      'anna ',
      '',
      '0',
      '__proto__',
      'constructor',
      "'; DROP TABLE x; --",
      'ann%',
      '\ud83c\udf81',
      '\ud83c',
      '\udf81',
      'anna\u0000',
      'anna\u0000b',
      '\ufdd0',
      '\ufdd0"\\ud83c"',
    ];
    for (const user of users) await engine.append(user, [text(`for ${user}`)]);
    for (const user of users) {
      assert.deepEqual(
        (await engine.readAfter(user, EMPTY_POSITION, 10))?.map((entry) => entry.text),
        [text(`for ${user}`)],
      );
    }
  }),
  contractCase(
    'does not know a position of another user, a made-up one, or a stored number with another suffix',
    async ({ engine }) => {
      const [mine] = await engine.append('anna', [text(1)]);
      await engine.append('anna', [text(2)]);
      const [theirs] = await engine.append('bert', [text(1)]);
      for (const position of [theirs ?? '', 'nonsense', '', '1', '99999-abc', `${mine}x`, '-1', '1e9-x']) {
        assert.equal(await engine.readAfter('anna', position, 10), null, position);
      }
    },
  ),
  contractCase('never gives an id twice, also across users', async ({ engine }) => {
    const ids = new Set<string>();
    for (let round = 0; round < 50; round += 1) {
      for (const user of ['anna', 'bert'])
        for (const id of await engine.append(user, [text(1), text(2)])) ids.add(id);
    }
    assert.equal(ids.size, 200);
  }),
  contractCase('keeps the messages of one append together when many appends race', async ({ engine }) => {
    const appends = Array.from({ length: 20 }, (_, n) =>
      engine.append('anna', [text(`${n}a`), text(`${n}b`)]),
    );
    const ids = (await Promise.all(appends)).map((pair) => String(pair));
    const log = (await engine.readAfter('anna', EMPTY_POSITION, 100)) ?? [];
    assert.equal(log.length, 40);
    const pairs = Array.from({ length: 20 }, (_, n) => `${log[2 * n]?.id},${log[2 * n + 1]?.id}`);
    assert.deepEqual(new Set(pairs), new Set(ids));
    log.reduce((prev, entry) => {
      assert.equal(entry.prev, prev);
      return entry.id;
    }, EMPTY_POSITION);
  }),
  contractCase(
    'does the calls of one user in their order, without waiting in between',
    async ({ engine }) => {
      const first = engine.append('anna', [text(1)], { origin: 'bert', n: 1 });
      const repeat = engine.append('anna', [text(1)], { origin: 'bert', n: 1 });
      const read = engine.readAfter('anna', EMPTY_POSITION, 10);
      const decided = engine.decide('anna', 'page', done(1), 0);
      const recalled = engine.recall('anna', 'page', 1);
      const second = engine.append('anna', [text(2)]);
      const last = engine.last('anna');
      assert.equal((await first).length, 1);
      assert.equal(await repeat, 'repeat');
      assert.deepEqual(
        (await read)?.map((entry) => entry.text),
        [text(1)],
      );
      assert.deepEqual(await recalled, await decided);
      assert.equal((await recalled).decided, 1);
      assert.equal(await last, (await second)[0]);
    },
  ),
  contractCase('rejects with engine-failed after close, and may be closed again', async ({ engine }) => {
    await engine.close();
    const failed = { code: 'engine-failed' };
    await assert.rejects(engine.append('anna', [text(1)]), failed);
    await assert.rejects(engine.readAfter('anna', EMPTY_POSITION, 1), failed);
    await assert.rejects(engine.last('anna'), failed);
    await assert.rejects(engine.decide('anna', 'page', done(1), 0), failed);
    await assert.rejects(engine.recall('anna', 'page', 1), failed);
    await assert.rejects(engine.fanned('anna', 'page', 1), failed);
    await assert.rejects(engine.resumeCommands('anna', 'page', 1), failed);
    await assert.rejects(engine.unfanned('anna'), failed);
    await engine.close();
  }),
];
