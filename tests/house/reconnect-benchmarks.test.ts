import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const print = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, args)).stdout;
const run = async (script: string, ...args: string[]): Promise<unknown> =>
  JSON.parse(await print(script, ...args, '--json'));

/** The lines of all tables in a Markdown text, each as its cells, without the rules below their headings. */
const tableRows = (markdown: string): string[][] =>
  markdown
    .split('\n')
    .filter((line) => /^\|(?!-)/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
const readmeRows = async (folder: string) =>
  tableRows(await readFile(`benchmarks/${folder}/README.md`, 'utf8'));

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
}, 300_000);

it('the storm in small still brings all of our default back, and loses some on the exact linear schedule', async () => {
  const { floor99Ms, rows } = (await run('benchmarks/storm/run.mjs', '--scale', '0.01')) as {
    floor99Ms: number;
    rows: { name: string; p99Ms: number | null; gaveUpShare: number }[];
  };
  expect(floor99Ms).toBe(49_500);
  const rowOf = (name: string) => rows.find((row) => row.name === name);
  expect(rowOf('statesocket, its default')?.gaveUpShare).toBe(0);
  const p99Ms = rowOf('statesocket, its default')?.p99Ms ?? Number.POSITIVE_INFINITY;
  expect(p99Ms).toBeGreaterThan(floor99Ms);
  // Time is virtual and chance has a seed: this is the same on every machine.
  expect(p99Ms / floor99Ms).toBeLessThan(1.25);
  expect(rowOf("statesocket, RednGift's exact linear schedule")?.gaveUpShare).toBeGreaterThan(0.3);
}, 300_000);

it('the half-open benchmark still finds a peer that went silent, and prints the table of its README', async () => {
  const only = ['--only', 'statesocket with heartbeat.ping', '--clients', '2', '--rounds', '1'];
  const short = ['--question', 'half-open', ...only, '--spread', '0', '--settle', '1000', '--limit', '60000'];
  const [heading, row, ...more] = tableRows(await print('benchmarks/reconnect/run.mjs', ...short));
  const documented = await readmeRows('reconnect');
  expect(documented).toContainEqual(heading);
  expect(documented.map(([name]) => name)).toContain(row?.[0]);
  expect(row?.slice(0, 5)).toEqual([
    'statesocket with heartbeat.ping',
    ...Array(3).fill(expect.stringMatching(/^\d+\.\d$/)),
    '0 of 2',
  ]);
  expect(row?.at(-1)).toBe('0 of 2');
  expect(more).toEqual([]);
}, 120_000);

it('the idle benchmark still counts the timers that its README states, and weighs each kind of connection', async () => {
  const script = 'benchmarks/idle/run.mjs';
  const printed = tableRows(await print('--expose-gc', script, '--count', '20', '--rounds', '1'));
  const documented = await readmeRows('idle');
  // Timers run on virtual time and are the same on each machine; the heap is not.
  expect(printed.slice(0, 4)).toEqual(documented.slice(0, 4));
  expect(printed.slice(4).map(([name]) => name)).toEqual([
    '20 connections',
    ...documented.slice(5).map(([name]) => name),
  ]);
  for (const [, kilobytes] of printed.slice(5, 7)) expect(Number(kilobytes)).toBeGreaterThan(0);
}, 300_000);

it('the comparison of schedules still gives the figures of its README, which depend on no machine', async () => {
  const script = 'benchmarks/backoff/run.mjs';
  const documented = await readmeRows('backoff');
  const small = tableRows(await print(script, '--scale', '0.002'));
  expect(small[0]).toEqual(documented[0]);
  expect(small.map(([name]) => name)).toEqual(documented.map(([name]) => name));
  // All at full scale take a minute; one of ours and one of the rivals are enough to show a change.
  for (const row of documented.filter(([name]) => /^the default|^centrifuge/.test(name ?? ''))) {
    expect(tableRows(await print(script, '--only', row[0] ?? ''))).toEqual([documented[0], row]);
  }
}, 300_000);
