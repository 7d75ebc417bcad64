import { strict as assert } from 'node:assert';
import { type CaseOf, contractCase, createBell, eventually, text } from './scene.ts';

/** An append that is done again. */
export const MARK_CASES: readonly CaseOf[] = [
  contractCase(
    'appends nothing of a mark that is not above the one it has, and says so (I3)',
    async ({ engine, textsOf }) => {
      const bell = createBell();
      engine.subscribe('anna', bell.ring);
      const mark = (n: number) => ({ origin: 'bert', n });
      await engine.append('anna', [text('5a'), text('5b')], mark(5));
      assert.equal(await engine.append('anna', [text('5 again')], mark(5)), 'repeat');
      assert.equal(await engine.append('anna', [text('4')], mark(4)), 'repeat');
      await engine.append('anna', [text('9')], mark(9));
      assert.equal(await engine.append('anna', [text('8')], mark(8)), 'repeat');
      assert.deepEqual(await textsOf('anna'), [text('5a'), text('5b'), text('9')]);
      await eventually(() => assert.ok(bell.count >= 2));
    },
  ),
  contractCase(
    'keeps marks apart by origin and by the slot they are in, also in a race',
    async ({ engine, textsOf }) => {
      const race = ['anna', 'cleo'].flatMap((userId) =>
        ['bert', 'Bert', '', '__proto__'].flatMap((origin) =>
          [1, 1, 1].map(() => engine.append(userId, [text(`${origin} to ${userId}`)], { origin, n: 1 })),
        ),
      );
      const answers = await Promise.all(race);
      assert.equal(answers.filter((answer) => answer === 'repeat').length, 16);
      for (const userId of ['anna', 'cleo'])
        assert.deepEqual(
          new Set(await textsOf(userId)),
          new Set(['bert', 'Bert', '', '__proto__'].map((origin) => text(`${origin} to ${userId}`))),
        );
    },
  ),
  contractCase('sets no mark for an append without messages', async ({ engine }) => {
    assert.deepEqual(await engine.append('anna', [], { origin: 'bert', n: 3 }), []);
    assert.equal((await engine.append('anna', [text(3)], { origin: 'bert', n: 3 })).length, 1);
  }),
  contractCase(
    'keeps a mark four times as long as a client keeps a command, and a busy one for ever',
    async ({ engine, clock, passDays }) => {
      const append = (origin: string, n: number) => engine.append('anna', [text(n)], { origin, n });
      await engine.append('anna', [text('without a mark')]);
      await append('quiet', 1);
      for (let day = 7; day <= 28; day += 7) {
        await passDays(7);
        await append('busy', day);
        assert.equal(await append('quiet', 1), 'repeat', `day ${day}`);
      }
      clock.ms += 1;
      await append('busy', 29);
      assert.equal(await append('busy', 28), 'repeat');
      assert.equal((await append('quiet', 1)).length, 1);
    },
  ),
  contractCase(
    'keeps a mark when retention drops the message it came with',
    { maxCount: 1 },
    async ({ engine }) => {
      await engine.append('anna', [text(1)], { origin: 'bert', n: 1 });
      await engine.append('anna', [text(2)]);
      assert.equal(await engine.append('anna', [text(1)], { origin: 'bert', n: 1 }), 'repeat');
    },
  ),
];
