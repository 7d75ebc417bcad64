import { describe, expect, it } from 'vitest';
import { run } from './run.ts';
import { scenarioOf, scenarios } from './scenarios.ts';

describe('delivery', () => {
  it.each(scenarios)('holds where $name', async ({ plan }) => {
    const { breaches } = await run(plan);
    expect(breaches).toEqual([]);
  });

  it('I19 closes with 4400 whoever uses a number again with another key', async () => {
    const { history } = await run(scenarioOf('a number is used again').plan);
    const closes = history.records.filter((record) => record.what === 'closed' && record.by === 'server');
    expect(closes).toMatchObject([{ by: 'server', code: 4400 }]);
    expect(history.records).toContainEqual(expect.objectContaining({ code: 'command-reused' }));
  });
});
