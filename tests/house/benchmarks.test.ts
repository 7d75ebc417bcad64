import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = async (script: string, ...args: string[]): Promise<unknown> => {
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args, '--json']);
  return JSON.parse(stdout);
};

// What a benchmark measures depends on the machine; that it still runs, and measures something, does not.
it('the benchmark of the receive path still runs, for every candidate in every series', async () => {
  const { results } = (await run('benchmarks/receive-path/run.mjs', '--scale', '0.005', '--rounds', '1')) as {
    results: Record<string, Record<string, { cpuUs: number; ratio: number }>>;
  };
  expect(Object.keys(results)).toEqual([
    'without id, in bursts',
    'without id, one a read',
    'with id and ACK, in bursts',
  ]);
  for (const rows of Object.values(results)) {
    expect(Object.keys(rows)).toEqual([
      'raw',
      'raw, onmessage',
      'statesocket',
      'statesocket, valibot schema',
      'each frame through a chart',
    ]);
    for (const { cpuUs, ratio } of Object.values(rows)) {
      expect(cpuUs).toBeGreaterThan(0);
      expect(ratio).toBeGreaterThan(0);
    }
  }
}, 60_000);
