import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MessagePort } from 'node:worker_threads';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sqliteEngineOn } from '../../src/gateway/engine/sqlite-engine.ts';
import { startSqliteThread, THREAD_SOURCE } from '../../src/gateway/engine/sqlite-thread.ts';
import { EMPTY_POSITION, type Engine, sqliteEngine } from '../../src/gateway/index.ts';
import type { StatesocketError } from '../../src/protocol/errors.ts';

let folder = '';
let file = '';
let engine: Engine;
const text = (n: number) => JSON.stringify({ type: 'NEW_MESSAGE', n });
const reasonOf = (call: Promise<unknown>): Promise<StatesocketError> =>
  call.then(
    () => expect.unreachable('It did not fail.'),
    (reason: StatesocketError) => reason,
  );
const textsOf = async (userId: string) =>
  (await engine.readAfter(userId, EMPTY_POSITION, 1_000))?.map((entry) => entry.text);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statesocket-'));
  file = join(folder, 'inbox.db');
});
afterEach(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the thread of the sqlite engine', () => {
  it('leaves the event loop free: each append gives it a turn', async () => {
    engine = sqliteEngine({ file });
    let turnCount = 0;
    let isOver = false;
    const turn = () => {
      turnCount += 1;
      if (!isOver) setImmediate(turn);
    };
    turn();
    for (let n = 0; n < 20; n += 1) await engine.append('anna', [text(n)]);
    isOver = true;
    expect(turnCount).toBeGreaterThan(20);
  });

  it('is asked in one message for all that is called in one turn', async () => {
    engine = sqliteEngine({ file });
    const posted = vi.spyOn(MessagePort.prototype, 'postMessage');
    await Promise.all(Array.from({ length: 100 }, (_, n) => engine.append(`user ${n}`, [text(n)])));
    const calls = posted.mock.calls.filter(([message]) => JSON.stringify(message).includes('"append"'));
    expect(calls).toHaveLength(1);
    posted.mockRestore();
  });

  it('takes what the app injected as values: the ends of ids, and the time', async () => {
    let count = 0;
    engine = sqliteEngine({
      file,
      suffix: () => {
        count += 1;
        return `suffix${count}`;
      },
      now: () => 1_234_567,
    });
    expect(await engine.append('anna', [text(1), text(2)])).toEqual(['1-suffix1', '2-suffix2']);
    const database = new Database(file);
    const times = database.prepare('SELECT DISTINCT appended_at AS at FROM statesocket_entry').all();
    database.close();
    expect(times).toMatchObject([{ at: 1_234_567 }]);
  });

  it.each([
    ['boolean', true],
    ['object', { toString: () => 'anna' }],
    ['symbol', Symbol('anna')],
    ['list of lists', [['anna']]],
    ['bigint', 7n],
    ['function', () => 'anna'],
  ])('is never given a %s, which could end the process', async (_, odd) => {
    engine = sqliteEngine({ file });
    const userId = odd as string;
    const failed = { code: 'engine-failed', message: expect.stringMatching(/texts and numbers/) };
    const calls = [engine.append(userId, [text(1)]), engine.append('anna', [userId]), engine.last(userId)];
    const good = engine.append('anna', [text(2)]);
    for (const call of calls) expect(await reasonOf(call)).toMatchObject(failed);
    expect(await good).toHaveLength(1);
    expect(await textsOf('anna')).toEqual([text(2)]);
  });

  it('does what was called beside a call that the database refuses', async () => {
    engine = sqliteEngine({ file });
    const calls = await Promise.allSettled([
      engine.append('anna', [text(1)]),
      engine.append('anna', [text(2)], { origin: 'bert', n: Number.NaN }),
      engine.append('bert', [text(3)]),
      engine.append('anna', [text(4)], { origin: 'bert', n: 1 }),
      engine.append('anna', [text(4)], { origin: 'bert', n: 1 }),
    ]);
    expect(calls.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    expect(calls[4]).toMatchObject({ value: 'repeat' });
    expect(await textsOf('anna')).toEqual([text(1), text(4)]);
    expect(await textsOf('bert')).toEqual([text(3)]);
  });

  it('has its caller told when the clock or the suffix of the app throws, and nobody else', async () => {
    let isBroken = false;
    engine = sqliteEngine({
      file,
      now() {
        if (isBroken) throw new Error('no clock');
        return 1_000;
      },
    });
    const before = engine.append('anna', [text(1)]);
    isBroken = true;
    const failed = engine.append('anna', [text(2)]);
    expect((await reasonOf(failed)).message).toBe('no clock');
    expect(await before).toHaveLength(1);
    expect(await textsOf('anna')).toEqual([text(1)]);
  });
});

describe('a process with a sqlite engine', () => {
  const script = fileURLToPath(new URL('./support/engine-process.mjs', import.meta.url));
  it.each([
    [
      'that it has closed ends, and what was called before is stored',
      'closed',
      /^appended 1-.*\nclosed after 2-.*\n$/,
    ],
    [
      'that nobody closes ends when nothing else is to be done, not before the append has resolved',
      'left',
      /^appended 1-.*\n$/,
    ],
    ['that waits for an append goes on until it has resolved', 'waiting', /^appended 1-.*\n$/],
    ['that it never uses ends', 'unused', /^$/],
  ])('%s', (_, mode, output) => {
    const { status, stdout } = spawnSync(process.execPath, [script, file, mode], {
      encoding: 'utf8',
      timeout: 100_000,
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(output) });
    engine = sqliteEngine({ file });
  });
});

it('the thread is started without what the process was started with, a loader for instance', () => {
  const script = fileURLToPath(new URL('./support/engine-process.mjs', import.meta.url));
  const loader = join(folder, 'loader.cjs');
  writeFileSync(loader, "if (require('node:worker_threads').workerData?.data?.libsql) process.exit(9)");
  const { stdout } = spawnSync(process.execPath, ['--require', loader, script, file, 'closed'], {
    encoding: 'utf8',
    timeout: 100_000,
  });
  expect(stdout).toMatch(/closed after 2-/);
  engine = sqliteEngine({ file });
});

describe('a thread that dies', () => {
  /** Dies of it, once, when {@link dies} asks for it. */
  const diesOnce = (death: string) => `${THREAD_SOURCE};{
    const { existsSync, rmSync } = require('node:fs');
    const wish = require('node:worker_threads').workerData.data.file + '.dies';
    setInterval(() => { if (existsSync(wish)) { rmSync(wish); ${death} } }, 10).unref();
  }`;
  const dies = () => writeFileSync(`${file}.dies`, '');
  const openDying = (death: string) =>
    sqliteEngineOn({ file }, (dataNow) => startSqliteThread(dataNow, diesOnce(death)));

  it.each([
    ['an exception', "throw new Error('out of luck')", /out of luck/],
    ['its own exit', 'process.exit(3)', /the code 3/],
  ])('of %s fails what was under way, all with one error, and is started again', async (_, death, cause) => {
    engine = openDying(death);
    await engine.append('anna', [text(1)]);
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    const mark = { origin: 'bert', n: 1 };
    const underWay = [
      reasonOf(engine.append('anna', [text(2)], mark)),
      reasonOf(engine.append('bert', [text(3)])),
    ];
    dies();
    const errors = await Promise.all(underWay);
    other.exec('ROLLBACK');
    other.close();
    expect(errors[0]).toMatchObject({
      code: 'engine-failed',
      message: expect.stringMatching(/thread .* has ended.* may or may not be stored/),
      cause: { message: expect.stringMatching(cause) },
    });
    expect(errors[1]).toBe(errors[0]);
    expect(await reasonOf(engine.last('anna'))).toBe(errors[0]);
    await vi.waitFor(async () => expect(await engine.append('anna', [text(2)], mark)).toHaveLength(1), {
      timeout: 60_000,
      interval: 100,
    });
    expect(await textsOf('anna')).toEqual([text(1), text(2)]);
  });

  it('and cannot open the file again says why, and tries again later', async () => {
    engine = openDying('process.exit(3)');
    await engine.append('anna', [text(1)]);
    dies();
    await vi.waitFor(async () => expect(await reasonOf(engine.last('anna'))).toBeDefined(), {
      timeout: 60_000,
    });
    rmSync(folder, { recursive: true });
    await vi.waitFor(
      async () =>
        expect((await reasonOf(engine.last('anna'))).message).toMatch(/The folder of .* does not exist/),
      { timeout: 60_000, interval: 100 },
    );
  });

  it('before it has opened the file is an engine that cannot be made', () => {
    expect(() =>
      sqliteEngineOn({ file }, (dataNow) =>
        startSqliteThread(dataNow, "throw new Error('out of luck')", 500),
      ),
    ).toThrow(
      expect.objectContaining({ code: 'engine-failed', message: expect.stringMatching(/did not start/) }),
    );
  });

  it('leaves nothing to close', async () => {
    engine = openDying('process.exit(3)');
    dies();
    await vi.waitFor(async () => expect(await reasonOf(engine.last('anna'))).toBeDefined(), {
      timeout: 60_000,
    });
    await engine.close();
  });
});
