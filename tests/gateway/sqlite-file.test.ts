import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sqliteEngineOn } from '../../src/gateway/engine/sqlite-engine.ts';
import { EMPTY_POSITION, type Engine, sqliteEngine } from '../../src/gateway/index.ts';
import { limitedThread } from './support/limited-thread.ts';

let folder = '';
let file = '';
const open: { close(): unknown }[] = [];
const text = (n: number | string) => JSON.stringify({ type: 'NEW_MESSAGE', n });
const closedAtEnd = <Opened extends { close(): unknown }>(opened: Opened): Opened => {
  open.push(opened);
  return opened;
};
const openEngine = (): Engine => closedAtEnd(sqliteEngine({ file }));
const textsOf = async (engine: Engine, userId: string) =>
  (await engine.readAfter(userId, EMPTY_POSITION, 1_000))?.map((entry) => entry.text);
/** What a call was rejected with. */
const failureOf = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'engine-failed' });
  return error as Error & { cause: { code: string; message: string } };
};
const thrownBy = (run: () => unknown): Error & { code: string } => {
  try {
    run();
  } catch (error) {
    return error as Error & { code: string };
  }
  throw new Error('Nothing was thrown.');
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statesocket-'));
  file = join(folder, 'inbox.db');
});
afterEach(async () => {
  for (const opened of open.splice(0).reverse()) await opened.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Another program that writes to the file: `release` ends its transaction. */
const lockFile = () => {
  const other = closedAtEnd(new Database(file));
  other.exec('BEGIN IMMEDIATE');
  return { release: () => other.exec('ROLLBACK') };
};

describe('while another program holds the write lock of the file', () => {
  it('only those wait whose write waits, and the event loop goes on', async () => {
    const engine = openEngine();
    await engine.append('anna', [text(1)]);
    const { release } = lockFile();
    let isStored = false;
    const waiting = engine.append('anna', [text(2)]).then(() => {
      isStored = true;
    });
    // Each round is a timer of this thread and a read of the database.
    for (let round = 0; round < 20; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await engine.last('bert')).toBe(EMPTY_POSITION);
      expect(await engine.unfanned('cleo')).toEqual([]);
    }
    expect(isStored).toBe(false);
    release();
    await waiting;
    expect(await textsOf(engine, 'anna')).toEqual([text(1), text(2)]);
  });

  it('a read of the user whose write waits comes after it', async () => {
    const engine = openEngine();
    await engine.append('anna', [text(1)]);
    const { release } = lockFile();
    const write = engine.append('anna', [text(2)]);
    const read = textsOf(engine, 'anna');
    setTimeout(release, 50);
    await write;
    expect(await read).toEqual([text(1), text(2)]);
  });

  it('a write fails with the true cause after 5 s; reads do not, and the next write is stored', async () => {
    const engine = openEngine();
    await engine.append('anna', [text(1)]);
    const { release } = lockFile();
    const write = failureOf(engine.append('anna', [text(2)], { origin: 'bert', n: 1 }));
    const read = textsOf(engine, 'anna');
    const failure = await write;
    expect(failure.message).toMatch(/write lock of .*inbox\.db/);
    expect(failure.cause).toMatchObject({ code: 'SQLITE_BUSY', message: 'database is locked' });
    expect(await read).toEqual([text(1)]);
    release();
    expect(await engine.append('anna', [text(2)], { origin: 'bert', n: 1 })).toHaveLength(1);
  });

  it('closing waits for a moment only, and what was not stored has failed', async () => {
    const engine = sqliteEngine({ file });
    await engine.append('anna', [text(1)]);
    const { release } = lockFile();
    const write = failureOf(engine.append('anna', [text(2)]));
    await engine.close();
    expect((await write).cause.code).toBe('SQLITE_BUSY');
    release();
  });

  it('six engines that write at once all get their turn, and no log forks', async () => {
    const engines = Array.from({ length: 6 }, openEngine);
    const writes = engines.flatMap((engine, at) =>
      Array.from({ length: 20 }, (_, n) => engine.append('anna', [text(`${at} ${n}`)])),
    );
    const ids = (await Promise.all(writes)).flat();
    expect(new Set(ids).size).toBe(120);
    const log = (await engines[0]?.readAfter('anna', EMPTY_POSITION, 1_000)) ?? [];
    expect(log).toHaveLength(120);
    log.reduce((prev, entry) => {
      expect(entry.prev).toBe(prev);
      return entry.id;
    }, EMPTY_POSITION);
  });
});

describe('the durability that is promised', () => {
  it('is asked of SQLite: a write-ahead log that is on the disk before a commit returns', async () => {
    const thread = limitedThread();
    closedAtEnd({ close: thread.end });
    closedAtEnd(sqliteEngineOn({ file }, thread.start));
    // 2 is FULL; with NORMAL a power cut may take what had resolved.
    expect(await thread.pragma('synchronous')).toBe(2);
    expect(readdirSync(folder)).toContain('inbox.db-wal');
  });

  it('leaves one file behind when the engine is closed', async () => {
    const engine = sqliteEngine({ file });
    await engine.append('anna', [text(1)]);
    await engine.close();
    expect(readdirSync(folder)).toEqual(['inbox.db']);
  });

  it('holds while other programs, and other engines of this process, open and close the file', async () => {
    const engine = openEngine();
    await engine.append('anna', [text(1)]);
    await sqliteEngine({ file }).close();
    const reading = `const d = new (require('libsql'))(process.argv[1]); d.prepare('SELECT * FROM statesocket_log').all(); d.close()`;
    const { status } = spawnSync(process.execPath, ['-e', reading, file], { encoding: 'utf8' });
    expect(status).toBe(0);
    await engine.append('anna', [text(2)]);
    expect(await textsOf(engine, 'anna')).toEqual([text(1), text(2)]);
  });
});

describe('a backup that is taken while appends go on', () => {
  it('is a whole database, and holds all that was appended before it began', async () => {
    const engine = openEngine();
    for (let n = 0; n < 20; n += 1) await engine.append('anna', [text(n)]);
    const appends = Array.from({ length: 50 }, (_, n) => engine.append('anna', [text(`meanwhile ${n}`)]));
    const backup = join(folder, 'backup.db');
    const tool = closedAtEnd(new Database(file));
    tool.exec(`VACUUM INTO '${backup}'`);
    await Promise.all(appends);
    const restored = closedAtEnd(sqliteEngine({ file: backup }));
    expect((await textsOf(restored, 'anna'))?.slice(0, 20)).toEqual(
      Array.from({ length: 20 }, (_, n) => text(n)),
    );
  });
});

describe('a full disk', () => {
  it('is named as the cause, takes nothing back, and is over when there is room', async () => {
    const limit = limitedThread();
    closedAtEnd({ close: limit.end });
    const engine = closedAtEnd(sqliteEngineOn({ file }, limit.start));
    await engine.append('anna', [text(1)]);
    await limit.setFull(true);
    const large = 'x'.repeat(20_000);
    const [first, second] = await Promise.all([
      failureOf(engine.append('anna', [text(large)], { origin: 'bert', n: 1 })),
      failureOf(engine.append('cleo', [text(large)])),
    ]);
    expect(first.message).toMatch(/disk .*inbox\.db is full/);
    expect(first.cause).toMatchObject({ code: 'SQLITE_FULL', message: 'database or disk is full' });
    expect(second.cause.code).toBe('SQLITE_FULL');
    expect(await textsOf(engine, 'anna')).toEqual([text(1)]);
    await limit.setFull(false);
    expect(await engine.append('anna', [text(large)], { origin: 'bert', n: 1 })).toHaveLength(1);
  });

  it('fails what does not fit, and not what was called beside it', async () => {
    const limit = limitedThread();
    closedAtEnd({ close: limit.end });
    const engine = closedAtEnd(sqliteEngineOn({ file }, limit.start));
    await engine.append('anna', [text(1)]);
    await limit.setFull(true);
    const [large, small] = await Promise.allSettled([
      engine.append('anna', [text('x'.repeat(100_000))]),
      engine.append('anna', [text(2)]),
    ]);
    expect([large.status, small.status]).toEqual(['rejected', 'fulfilled']);
    expect(await textsOf(engine, 'anna')).toEqual([text(1), text(2)]);
  });

  it('or a disk that refuses a write, in a process of its own, loses nothing that was stored', async () => {
    const script = new URL('./support/appending-process.mjs', import.meta.url);
    // Files of that process end at 400 kB: the system refuses what goes beyond, as a disk does that fails.
    const { stdout } = spawnSync(
      'sh',
      ['-c', `ulimit -f 800; exec "${process.execPath}" "${script.pathname}" "${file}" stdout`],
      {
        encoding: 'utf8',
      },
    );
    const lines = stdout.trim().split('\n');
    expect(lines.at(-1)).toMatch(
      /engine-failed .*inbox\.db cannot be opened, read or written.* SQLITE_IOERR/,
    );
    const ids = lines.slice(0, -1);
    expect(ids.length).toBeGreaterThan(20);
    const kept = await openEngine().readAfter('anna', EMPTY_POSITION, 1_000_000);
    expect(kept?.map((entry) => entry.id).slice(0, ids.length)).toEqual(ids);
  }, 60_000);
});

describe('a file that vanishes under the engine', () => {
  it.each([
    ['was deleted', () => rmSync(file)],
    ['was moved away', () => renameSync(file, join(folder, 'elsewhere.db'))],
    [
      'was replaced by another one',
      () => {
        renameSync(file, join(folder, 'elsewhere.db'));
        new Database(file).close();
      },
    ],
    ['has lost its write-ahead log', () => rmSync(`${file}-wal`)],
    ['has lost the index of that', () => rmSync(`${file}-shm`)],
  ])('because it %s fails writes and reads, in words that say what to do', async (_, vanish) => {
    const engine = openEngine();
    await engine.append('anna', [text(1)]);
    vanish();
    const failure = await failureOf(engine.append('anna', [text(2)]));
    expect(failure.message).toMatch(/inbox\.db.* was deleted or replaced while it was in use/);
    expect(failure.message).toMatch(/restart the server/);
    await failureOf(engine.last('anna'));
    await failureOf(engine.decide('anna', 'page', { n: 1, key: 'k', verdict: 'done', publications: [] }, 0));
  });

  it('and comes back is used again', async () => {
    const engine = openEngine();
    await engine.append('anna', [text(1)]);
    renameSync(file, join(folder, 'elsewhere.db'));
    await failureOf(engine.append('anna', [text(2)]));
    renameSync(join(folder, 'elsewhere.db'), file);
    await engine.append('anna', [text(3)]);
    expect(await engine.last('anna')).toMatch(/^\d/);
  });
});

describe('the rights of the file', () => {
  const modesIn = () =>
    Object.fromEntries(
      readdirSync(folder).map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]),
    );

  it('are for its owner alone, as are those of the files beside it', async () => {
    const engine = openEngine();
    await engine.append('anna', [text(1)]);
    expect(modesIn()).toEqual({ 'inbox.db': '600', 'inbox.db-wal': '600', 'inbox.db-shm': '600' });
  });

  it('of a file that was there before are left as they are', async () => {
    await sqliteEngine({ file }).close();
    chmodSync(file, 0o640);
    const engine = openEngine();
    await engine.append('anna', [text(1)]);
    expect(modesIn()).toMatchObject({ 'inbox.db': '640', 'inbox.db-wal': '640' });
  });
});

describe('a file that cannot be used', () => {
  it.each([
    '',
    '  ',
    ':memory:',
    'file::memory:?cache=shared',
    'file:inbox.db',
    'libsql://inbox.example',
    'https://inbox.example/db',
    undefined,
    null,
    7,
    new URL('file:///inbox.db'),
  ])('because it does not last (%j) is a bad option', (odd) => {
    const options = { file: odd } as { file: string };
    expect(thrownBy(() => sqliteEngine(options))).toMatchObject({
      code: 'bad-option',
      message: expect.stringMatching(/the path of one on a disk, such as .*memoryEngine/),
    });
    expect(existsSync(':memory:')).toBe(false);
  });

  it.each([
    [
      'its folder is missing',
      () => join(folder, 'no', 'inbox.db'),
      /The folder of .*inbox\.db does not exist/,
    ],
    ['it is a folder', () => folder, /is a folder, or lies below a file/],
    ['its folder is a file', () => join(process.execPath, 'inbox.db'), /is a folder, or lies below a file/],
    ['it is not to be written', () => '/sys/inbox.db', /cannot be written/],
    [
      'it is no database',
      () => {
        writeFileSync(file, 'Dear diary, '.repeat(1_000));
        return file;
      },
      /inbox\.db is damaged, or is no SQLite database/,
    ],
  ])('because %s fails at once, in words', (_, makePath, words) => {
    const path = makePath();
    const error = thrownBy(() => sqliteEngine({ file: path }));
    expect(error.code).toBe('engine-failed');
    expect(error.message).toMatch(words);
    expect(error.message).toContain(path);
  });

  it('is left as it is when it is no database', () => {
    const diary = 'Dear diary, '.repeat(1_000);
    writeFileSync(file, diary);
    thrownBy(() => sqliteEngine({ file }));
    expect(readFileSync(file, 'utf8')).toBe(diary);
  });

  it('because its pages are damaged fails with that cause, and only what needs them', async () => {
    const before = sqliteEngine({ file });
    for (const user of ['anna', 'bert']) await before.append(user, [text('x'.repeat(30_000))]);
    await before.close();
    const damaged = openSync(file, 'r+');
    const { size } = statSync(file);
    writeSync(damaged, Buffer.alloc(size - 14 * 4096, 0xaa), 0, size - 14 * 4096, 14 * 4096);
    const engine = openEngine();
    const outcomes = await Promise.allSettled([textsOf(engine, 'anna'), textsOf(engine, 'bert')]);
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(failures.length).toBeGreaterThan(0);
    for (const { reason } of failures)
      expect(reason).toMatchObject({
        code: 'engine-failed',
        message: expect.stringMatching(/damaged/),
        cause: { code: 'SQLITE_CORRUPT' },
      });
  });

  it('because it is locked for a moment is opened after it', async () => {
    const locking = `const d = new (require('libsql'))(process.argv[1]); d.exec('CREATE TABLE mine (x); BEGIN EXCLUSIVE');
      console.log('locked'); setTimeout(() => d.exec('ROLLBACK'), 1_000);`;
    const other = spawn(process.execPath, ['-e', locking, file]);
    await once(other.stdout, 'data');
    const engine = openEngine();
    expect(await engine.append('anna', [text(1)])).toHaveLength(1);
    if (other.exitCode === null) await once(other, 'exit');
  });

  it('because it is locked as the engine opens fails with that cause', async () => {
    new Database(file).close();
    const other = closedAtEnd(new Database(file));
    other.exec('CREATE TABLE mine (x); BEGIN EXCLUSIVE');
    expect(thrownBy(() => sqliteEngine({ file })).message).toMatch(/write lock/);
    other.exec('ROLLBACK');
  });
});
