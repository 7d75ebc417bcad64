import { expect, it } from 'vitest';
import type { Record } from './history.ts';
import { run } from './run.ts';
import { scenarioOf } from './scenarios.ts';
import type { Step } from './steps.ts';

/** What concerns durable messages, and when it happened. */
const durable = (records: readonly Record[]) =>
  records.filter(({ what }) => what === 'applied' || what === 'appended' || what === 'decided');

it('I17 volatile messages delay no durable one by a millisecond, however many there are', async () => {
  const { plan } = scenarioOf('more than ten messages');
  const noise = Array.from(
    { length: 60 },
    (_, index): Step => ({ do: 'nudge', user: 'ben', tab: 0, to: ['ada', 'ben'], atMs: 4_500 + 25 * index }),
  );
  const quiet = await run(plan);
  const noisy = await run({ ...plan, steps: [...plan.steps, ...noise] });
  expect(noisy.history.records.filter(({ what }) => what === 'volatile').length).toBeGreaterThan(50);
  expect(durable(noisy.history.records)).toEqual(durable(quiet.history.records));
});
