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
}, 300_000);

it('the benchmark of the recording still runs', async () => {
  const { results } = (await run('benchmarks/recording/run.mjs', '--scale', '0.005', '--rounds', '1')) as {
    results: Record<string, { cpuUs: number; ratio: number }>;
  };
  expect(Object.keys(results)).toEqual(['off, against itself', 'on']);
  for (const { cpuUs, ratio } of Object.values(results)) {
    expect(cpuUs).toBeGreaterThan(0);
    expect(ratio).toBeGreaterThan(0);
  }
}, 300_000);

it('the benchmark of the extension still runs, in Node and in Chromium', async () => {
  const { cpu, browser } = (await run(
    'benchmarks/extension/run.mjs',
    '--scale',
    '0.01',
    '--rounds',
    '1',
  )) as {
    cpu: Record<string, Record<string, { cpuUs: number; ratio: number }>>;
    browser: Record<string, readonly number[]>;
  };
  expect(Object.keys(cpu)).toEqual(['in frames of 32', 'one a read']);
  for (const rows of Object.values(cpu)) {
    expect(Object.keys(rows)).toEqual(['plain', 'plain with id and ACK', 'extension']);
    for (const { cpuUs } of Object.values(rows)) expect(cpuUs).toBeGreaterThan(0);
  }
  expect(browser['resume, ms']?.[0]).toBeGreaterThan(0);
  expect(browser['live, ms']?.[0]).toBeGreaterThan(0);
  expect(browser['outbox, from reload to all done at the server, ms']?.[0]).toBeGreaterThan(0);
}, 120_000);

it('the benchmark of the engines still runs, for every engine in every series', async () => {
  const { results } = (await run('benchmarks/engines/run.mjs', '--scale', '0.01', '--rounds', '1')) as {
    results: Record<string, Record<string, { perSecond: number; cpuUs: number; loopDelayP99Ms: number }>>;
  };
  expect(Object.keys(results)).toEqual([
    'one after another',
    '32 at once to one user',
    '100 at once',
    '100 at once, with marks',
  ]);
  for (const rows of Object.values(results)) {
    expect(Object.keys(rows)).toEqual([
      'nothing',
      'raw insert, group commit',
      'sqliteEngine',
      'raw insert in Postgres, group commit',
      'postgresEngine',
      'XADD in Redis',
      'redisEngine',
      'memoryEngine',
    ]);
    for (const { perSecond, cpuUs } of Object.values(rows)) {
      expect(perSecond).toBeGreaterThan(0);
      expect(cpuUs).toBeGreaterThan(0);
    }
  }
}, 120_000);

it('the benchmark of delivery still runs, and counts what users said and got', async () => {
  const short = ['--only', 'statesocket', '--seconds', '4'];
  const { statesocket } = (await run('benchmarks/delivery/run.mjs', ...short)) as {
    statesocket: Record<string, number>;
  };
  expect(statesocket?.saidCount).toBeGreaterThan(0);
  expect(statesocket?.owedCount).toBeGreaterThan(statesocket?.saidCount ?? 0);
  expect(statesocket).toMatchObject({ faultCount: 1, lostCount: 0, twiceCount: 0, outOfOrderCount: 0 });
}, 300_000);

it('the benchmark of an outage still runs, in an engine', async () => {
  const rows = (await run(
    'benchmarks/browsers/run.mjs',
    '--outage',
    '1000',
    '--only',
    'webkit',
  )) as unknown as readonly Record<string, unknown>[];
  expect(rows.length).toBe(5);
  for (const row of rows)
    expect(row).toMatchObject({ engine: 'webkit', cutCount: 0, openAfterMs: expect.any(Number) });
}, 120_000);

it('the benchmark of the gateway still runs, for each kind of client', async () => {
  const { summary } = (await run(
    'benchmarks/gateway/run.mjs',
    '--sockets',
    '20',
    '--rounds',
    '1',
    '--idle',
    '200',
  )) as {
    summary: Record<string, Record<string, { value: number; ratio: number }>>;
  };
  expect(Object.keys(summary)).toEqual(['plain ws', 'gateway, plain clients', 'gateway, extension']);
  for (const rows of Object.values(summary)) {
    expect(rows['CPU per connect, µs']?.value).toBeGreaterThan(0);
    expect(rows['CPU per delivered broadcast, µs']?.value).toBeGreaterThan(0);
  }
}, 300_000);

it('the benchmark of nodes over a store still runs, and every message arrives', async () => {
  const { results } = (await run('benchmarks/gateway/nodes/run.mjs', '--scale', '0.01')) as {
    results: Record<string, Record<string, Record<string, number>>>;
  };
  expect(Object.entries(results).map(([name, rows]) => [name, Object.keys(rows)])).toEqual([
    ['chat', ['plain', 'memory', 'sqlite', 'postgres', 'redis']],
    ['two', ['postgres', 'redis']],
    [
      'flat',
      ['30 users', '31 users', '100 users'].flatMap((users) => [`plain, ${users}`, `sqlite, ${users}`]),
    ],
    ['nodes', ['postgres', 'redis'].flatMap((kind) => [1, 2, 3].map((count) => `${kind}, nodes: ${count}`))],
    ['return', ['plain', 'memory']],
    ['mix', ['plain', 'memory', 'postgres, two nodes', 'redis, two nodes']],
  ]);
  for (const name of ['chat', 'two', 'nodes'])
    for (const row of Object.values(results[name] ?? {})) {
      expect(row['not there after 10 s']).toBe(0);
      expect(row['p99, ms']).toBeGreaterThan(0);
    }
  for (const row of Object.values(results.return ?? {})) expect(row.sockets).toBe(100);
}, 590_000);

it('the benchmark of observing still runs, for every observer', async () => {
  const { results } = (await run('benchmarks/observing/run.mjs', '--scale', '0.01', '--rounds', '1')) as {
    results: Record<string, { commandUs: number; frameUs: number }>;
  };
  expect(Object.keys(results)).toEqual([
    'nobody',
    'an empty one',
    'Prometheus',
    'OpenTelemetry, no provider',
  ]);
  for (const { commandUs, frameUs } of Object.values(results)) {
    expect(commandUs).toBeGreaterThan(0);
    expect(frameUs).toBeGreaterThan(0);
  }
}, 300_000);
