import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = async (script: string, ...args: string[]): Promise<unknown> => {
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args, '--json']);
  return JSON.parse(stdout);
};

// As with the others: the figures depend on the machine; that the benchmarks still run does not.
it('the benchmark of reconnecting still brings our clients back to a server that was killed', async () => {
  const short = [
    '--only',
    'statesocket',
    '--clients',
    '2',
    '--rounds',
    '1',
    '--down',
    '300',
    '--settle',
    '0',
  ];
  const { restart } = (await run('benchmarks/reconnect/run.mjs', '--question', 'restart', ...short)) as {
    restart: Record<string, Record<string, { medianMs: number; count: number; missing: number }>>;
  };
  const row = restart['300']?.statesocket;
  expect(row).toMatchObject({ count: 2, missing: 0 });
  expect(row?.medianMs).toBeGreaterThan(0);
}, 90_000);

it('the storm in small still brings all of our default back, and loses some on the exact linear schedule', async () => {
  const { floor99Ms, rows } = (await run('benchmarks/storm/run.mjs', '--scale', '0.01')) as {
    floor99Ms: number;
    rows: { name: string; p99Ms: number | null; gaveUpShare: number }[];
  };
  expect(floor99Ms).toBe(49_500);
  const rowOf = (name: string) => rows.find((row) => row.name === name);
  expect(rowOf('statesocket, its default')?.gaveUpShare).toBe(0);
  expect(rowOf('statesocket, its default')?.p99Ms).toBeGreaterThan(floor99Ms);
  expect(rowOf("statesocket, RednGift's exact linear schedule")?.gaveUpShare).toBeGreaterThan(0.3);
}, 60_000);
