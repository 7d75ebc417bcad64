import { strict as assert } from 'node:assert';
import { type CaseOf, contractCase, DAY_MS, done, rejected, text } from './scene.ts';

const JUMPS: readonly (readonly [how: string, days: readonly number[]])[] = [
  ['29 days ahead for a moment', [29, -29]],
  ['29 days ahead, back, and ahead again', [29, -29, 29, -29, 29]],
  ['29 days ahead at every other moment', Array.from({ length: 70 }, (_, i) => (i % 2 === 0 ? 29 : -29))],
  ['a year behind, then right again', [-365, 365]],
  ['ten years ahead and stays there', [3_650]],
];

/** A wall clock that is wrong. */
export const CLOCK_CASES: readonly CaseOf[] = [
  ...JUMPS.map(([how, jumps]) =>
    contractCase(`forgets nothing because a clock is ${how} (I18)`, async ({ engine, clock, textsOf }) => {
      const mark = { origin: 'bert', n: 1 };
      const untold = done(2, [{ userIds: ['bert'], text: text(2) }]);
      await engine.append('anna', [text(1)], mark);
      await engine.decide('anna', 'page', rejected(1, 'no'), 0);
      await engine.decide('anna', 'page', untold, 1);
      let n = 0;
      for (const days of jumps) {
        clock.ms += days * DAY_MS;
        n += 1;
        await engine.append('cleo', [text('at an odd time')], { origin: 'dora', n });
        await engine.decide('cleo', 'page', done(n), n - 1);
      }
      assert.equal(await engine.append('anna', [text(1)], mark), 'repeat');
      await engine.append('anna', [text(3)]);
      assert.deepEqual(await textsOf('anna'), [text(1), text(3)]);
      assert.deepEqual((await engine.recall('anna', 'page', 1)).stored, {
        ...rejected(1, 'no'),
        fanned: true,
      });
      assert.deepEqual(await engine.unfanned('anna'), [{ clientId: 'page', decision: untold }]);
    }),
  ),
  contractCase(
    'counts a step of the clock as a day at most, and goes on counting after it (I18)',
    async ({ engine, clock, passDays }) => {
      const mark = { origin: 'bert', n: 1 };
      await engine.append('anna', [text(1)], mark);
      clock.ms += 29 * DAY_MS;
      await engine.append('somebody', [text('one day, as it counts')]);
      clock.ms -= 29 * DAY_MS;
      await engine.append('somebody', [text('no time at all')]);
      await passDays(29); // to where the clock has been before
      await passDays(27);
      assert.equal(await engine.append('anna', [text(1)], mark), 'repeat');
      clock.ms += 1;
      await engine.append('anna', [text('forgets')], { origin: 'dora', n: 1 });
      assert.equal((await engine.append('anna', [text(2)], mark)).length, 1);
    },
  ),
  contractCase(
    'counts each time of a clock that flaps only once (I18)',
    async ({ engine, clock, passDays }) => {
      const mark = { origin: 'bert', n: 1 };
      await engine.append('anna', [text(1)], mark);
      const rightMs = clock.ms;
      for (let day = 1; day <= 40; day += 1) {
        for (const ms of [rightMs + DAY_MS, rightMs]) {
          clock.ms = ms;
          await engine.append('somebody', [text('at either time')]);
        }
      }
      assert.equal(await engine.append('anna', [text(1)], mark), 'repeat');
      await passDays(28); // one of them was counted at the first flap
      assert.equal(await engine.append('anna', [text(1)], mark), 'repeat');
      clock.ms += 1;
      await engine.append('anna', [text('forgets')], { origin: 'dora', n: 1 });
      assert.equal((await engine.append('anna', [text(2)], mark)).length, 1);
    },
  ),
  contractCase('goes on when the clock tells no time', async ({ engine, clock, passDays }) => {
    const mark = { origin: 'bert', n: 1 };
    await engine.append('anna', [text(1)], mark);
    const rightMs = clock.ms;
    clock.ms = Number.NaN;
    await engine.append('anna', [text(2)]);
    clock.ms = rightMs;
    await passDays(28);
    clock.ms += 1;
    await engine.append('anna', [text('forgets')], { origin: 'dora', n: 1 });
    assert.equal((await engine.append('anna', [text(3)], mark)).length, 1);
  }),
];
