import { it } from 'vitest';
import { memoryEngine } from '../../src/gateway/index.ts';
import { expectBoundedDecisions } from '../contract/bounded-decisions.ts';
import { describeEngine } from '../contract/engine.contract.ts';

describeEngine('memory', memoryEngine);

it('the memory engine keeps decisions of the last 16 clients of a user alone', async () => {
  let wallClockMs = 1_000_000;
  await expectBoundedDecisions(memoryEngine({ now: () => wallClockMs }), () => {
    wallClockMs += 1;
  });
});
