import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Decision, EMPTY_POSITION, sqliteEngine } from '../../src/gateway/index.ts';
import { expectBoundedDecisions } from '../contract/bounded-decisions.ts';
import { describeEngine } from '../contract/engine.contract.ts';

let folder = '';
const text = (n: number) => JSON.stringify({ type: 'NEW_MESSAGE', n });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statesocket-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

let fileCount = 0;
describeEngine('sqlite', (options) => {
  fileCount += 1;
  return sqliteEngine({ file: join(folder, `inbox-${fileCount}.db`), ...options });
});

/** No text at all: the database refuses to bind it. */
const UNSTORABLE: string = Object(Symbol('no text'));

describe('the sqlite engine on its disk', () => {
  it('has a small write-ahead log again when another program has ended a long read', async () => {
    const file = join(folder, 'wal.db');
    const engine = sqliteEngine({ file });
    const long = JSON.stringify({ type: 'NEW_MESSAGE', text: 'x'.repeat(20_000) });
    await engine.append('anna', [long]);
    const reader = new Database(file);
    reader.exec('BEGIN; SELECT count(*) FROM statesocket_entry');
    reader.prepare('SELECT count(*) AS count FROM statesocket_entry').get();
    for (let n = 0; n < 10; n += 1)
      await engine.append(
        'anna',
        Array.from({ length: 100 }, () => long),
      );
    const walBytes = () => statSync(`${file}-wal`).size;
    expect(walBytes()).toBeGreaterThan(15_000_000);
    reader.exec('COMMIT');
    reader.close();
    for (let n = 0; n < 5; n += 1) await engine.append('anna', [long]);
    expect(walBytes()).toBeLessThan(6_000_000);
    await engine.close();
  });

  it('keeps decisions of the last 16 clients of a user alone, so that pages leave a bounded file', async () => {
    const file = join(folder, 'pages.db');
    let wallClockMs = 1_000_000;
    const engine = sqliteEngine({ file, now: () => wallClockMs });
    await expectBoundedDecisions(engine, () => {
      wallClockMs += 1;
    });
    await engine.close();
    const rows = new Database(file).prepare('SELECT count(*) AS count FROM statesocket_decision').get();
    expect(rows).toMatchObject({ count: 16 });
  });

  it('goes on with the same chain after it was closed and opened again', async () => {
    const file = join(folder, 'inbox.db');
    const before = sqliteEngine({ file });
    const [first] = await before.append('anna', [text(1)]);
    await before.close();
    const after = sqliteEngine({ file });
    const [second] = await after.append('anna', [text(2)]);
    expect(await after.readAfter('anna', EMPTY_POSITION, 10)).toEqual([
      { id: first, prev: EMPTY_POSITION, text: text(1) },
      { id: second, prev: first, text: text(2) },
    ]);
    await after.close();
  });

  it('keeps whatever append resolved before the process was killed with SIGKILL', async () => {
    const file = join(folder, 'inbox.db');
    const child = fork(new URL('./support/appending-process.mjs', import.meta.url), [file], {
      stdio: 'inherit',
    });
    const resolved: string[] = [];
    child.on('message', (id) => resolved.push(String(id)));
    while (resolved.length < 50) await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const engine = sqliteEngine({ file });
    const kept = (await engine.readAfter('anna', EMPTY_POSITION, 1_000_000))?.map((entry) => entry.id);
    expect(kept?.slice(0, resolved.length)).toEqual(resolved);
    await engine.close();
  });

  it('appends all messages of one append or none', async () => {
    const engine = sqliteEngine({ file: join(folder, 'inbox.db') });
    await expect(engine.append('anna', [text(1), UNSTORABLE])).rejects.toThrow();
    expect(await engine.last('anna')).toBe(EMPTY_POSITION);
    const [id] = await engine.append('anna', [text(2)]);
    expect(await engine.readAfter('anna', EMPTY_POSITION, 10)).toEqual([
      { id, prev: EMPTY_POSITION, text: text(2) },
    ]);
    await engine.close();
  });

  it('goes on with the file of a version that knew no marks and no commands', async () => {
    const file = join(folder, 'old.db');
    const old = new Database(file);
    old.exec(`
      CREATE TABLE statesocket_log (
        user_id TEXT PRIMARY KEY, count INTEGER NOT NULL, last TEXT NOT NULL
      ) WITHOUT ROWID;
      CREATE TABLE statesocket_entry (
        user_id TEXT NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL, prev TEXT NOT NULL,
        text TEXT NOT NULL, appended_at INTEGER NOT NULL, PRIMARY KEY (user_id, number)
      );
      INSERT INTO statesocket_log VALUES ('anna', 1, '1-abc');
    `);
    old
      .prepare('INSERT INTO statesocket_entry VALUES (?, 1, ?, ?, ?, ?)')
      .run('anna', '1-abc', EMPTY_POSITION, text(1), Date.now());
    old.close();
    const engine = sqliteEngine({ file });
    const [second] = await engine.append('anna', [text(2)], { origin: 'bert', n: 1 });
    expect(await engine.readAfter('anna', EMPTY_POSITION, 10)).toEqual([
      { id: '1-abc', prev: EMPTY_POSITION, text: text(1) },
      { id: second, prev: '1-abc', text: text(2) },
    ]);
    expect(await engine.append('anna', [text(2)], { origin: 'bert', n: 1 })).toBe('repeat');
    await engine.close();
  });

  it('remembers marks, decisions and what is still to be told over a restart', async () => {
    const file = join(folder, 'inbox.db');
    const untold: Decision = {
      n: 1,
      key: 'k',
      verdict: 'done',
      publications: [{ userIds: ['bert'], text: text(1) }],
    };
    const before = sqliteEngine({ file });
    await before.append('anna', [text(1)], { origin: 'bert', n: 1 });
    await before.decide('anna', 'page', untold, 0);
    await before.close();
    const after = sqliteEngine({ file });
    expect(await after.append('anna', [text(1)], { origin: 'bert', n: 1 })).toBe('repeat');
    expect(await after.resumeCommands('anna', 'page', 2)).toEqual({ decided: 1, unfanned: [untold] });
    await after.close();
  });

  it('tears no hole into a log of before the age clock whose wall clock went to and fro', async () => {
    const file = join(folder, 'old.db');
    const nowMs = 1_000_000;
    await sqliteEngine({ file, now: () => nowMs }).close();
    const old = new Database(file);
    old.exec("INSERT INTO statesocket_log VALUES ('anna', 4, '4-d')");
    const add = old.prepare("INSERT INTO statesocket_entry VALUES ('anna', ?, ?, ?, ?, ?)");
    add.run(1, '1-a', EMPTY_POSITION, text(1), nowMs - 5_000);
    add.run(2, '2-b', '1-a', text(2), nowMs);
    add.run(3, '3-c', '2-b', text(3), nowMs - 5_000);
    add.run(4, '4-d', '3-c', text(4), nowMs);
    old.close();
    const engine = sqliteEngine({ file, now: () => nowMs, retention: { maxAgeMs: 1_000 } });
    await engine.append('anna', [text(5)]);
    expect((await engine.readAfter('anna', '1-a', 10))?.map((entry) => entry.text)).toEqual(
      [2, 3, 4, 5].map(text),
    );
    await engine.close();
  });

  it('forgets the entries of others in small steps', async () => {
    const file = join(folder, 'inbox.db');
    let nowMs = 1_000_000;
    const engine = sqliteEngine({ file, now: () => nowMs, retention: { maxAgeMs: 1_000 } });
    await engine.append(
      'anna',
      Array.from({ length: 250 }, (_, n) => text(n)),
    );
    const reader = new Database(file);
    const countAfterAppend = async () => {
      await engine.append('bert', [text(1)]);
      const counted = reader.prepare(
        "SELECT count(*) AS count FROM statesocket_entry WHERE user_id = 'anna'",
      );
      return (counted.get() as { count: number }).count;
    };
    nowMs += 1_001;
    const counts = [await countAfterAppend(), await countAfterAppend(), await countAfterAppend()];
    expect(counts).toEqual([150, 50, 0]);
    reader.close();
    await engine.close();
  });

  it('is small again when what made it large is forgotten, and has lost nothing else', async () => {
    const file = join(folder, 'inbox.db');
    let nowMs = 1_000_000;
    const engine = sqliteEngine({ file, now: () => nowMs, retention: { maxAgeMs: 1_000 } });
    const large = Array.from({ length: 100 }, () => JSON.stringify({ type: 'X', text: 'x'.repeat(3_800) }));
    for (let user = 0; user < 30; user += 1) await engine.append(`user ${user}`, large);
    const pages = new Database(file);
    const pageCount = () => (pages.prepare('PRAGMA page_count').get() as { page_count: number }).page_count;
    const most = pageCount();
    expect(most).toBeGreaterThan(3_000);
    nowMs += 1_001;
    const kept = await engine.append('bert', [text(0)], { origin: 'anna', n: 1 });
    const sizes = [pageCount()];
    for (let n = 1; n <= 60; n += 1) {
      await engine.append('bert', [text(n)]);
      sizes.push(pageCount());
    }
    // Some of it stays free for what comes, and no commit gives back all at once.
    expect(sizes.at(-1)).toBeLessThan(1_200);
    for (const [at, size] of sizes.entries()) expect((sizes[at - 1] ?? most) - size).toBeLessThan(210);
    pages.close();
    expect((await engine.readAfter('bert', EMPTY_POSITION, 100))?.length).toBe(61);
    expect((await engine.readAfter('bert', EMPTY_POSITION, 1))?.[0]?.id).toBe(kept[0]);
    expect(await engine.append('bert', [text(0)], { origin: 'anna', n: 1 })).toBe('repeat');
    await engine.close();
    const checked = new Database(file);
    expect(checked.prepare('PRAGMA integrity_check').get()).toMatchObject({ integrity_check: 'ok' });
    checked.pragma('wal_checkpoint(TRUNCATE)');
    checked.close();
    expect(statSync(file).size).toBeLessThan((most * 4_096) / 2);
  });

  it('goes on counting ages where it was when the file was closed', async () => {
    const file = join(folder, 'inbox.db');
    const DAY_MS = 24 * 60 * 60 * 1000;
    let nowMs = 1_000_000;
    const before = sqliteEngine({ file, now: () => nowMs });
    await before.append('anna', [text(1)], { origin: 'bert', n: 1 });
    for (let day = 1; day <= 28; day += 1) {
      nowMs += DAY_MS;
      await before.append('cleo', [text(day)]);
    }
    await before.close();
    nowMs += 1;
    const after = sqliteEngine({ file, now: () => nowMs });
    await after.append('cleo', [text(1)], { origin: 'dora', n: 1 });
    expect(await after.append('anna', [text(2)], { origin: 'bert', n: 1 })).toHaveLength(1);
    await after.close();
  });

  it('takes the time in which it was closed for a day at most', async () => {
    const file = join(folder, 'inbox.db');
    let nowMs = 1_000_000;
    const before = sqliteEngine({ file, now: () => nowMs });
    await before.append('anna', [text(1)], { origin: 'bert', n: 1 });
    await before.close();
    nowMs += 60 * 24 * 60 * 60 * 1000;
    const after = sqliteEngine({ file, now: () => nowMs });
    await after.append('cleo', [text(1)], { origin: 'dora', n: 1 });
    expect(await after.append('anna', [text(2)], { origin: 'bert', n: 1 })).toBe('repeat');
    await after.close();
  });

  it.each([
    ['was written last 60 days ago', -60],
    ['has a mark of a moment when the clock was 29 days ahead', 29],
  ])('forgets nothing of a file of before the age clock that %s', async (_, days) => {
    const file = join(folder, 'old.db');
    const nowMs = 100 * 24 * 60 * 60 * 1000;
    await sqliteEngine({ file, now: () => nowMs }).close();
    const old = new Database(file);
    old.exec('DROP TABLE statesocket_clock');
    const oddMs = nowMs + days * 24 * 60 * 60 * 1000;
    const addMark = old.prepare('INSERT INTO statesocket_mark VALUES (?, ?, 1, ?)');
    addMark.run('anna', 'bert', Math.min(oddMs, nowMs));
    addMark.run('anna', 'odd', oddMs);
    old.close();
    const engine = sqliteEngine({ file, now: () => nowMs });
    await engine.append('cleo', [text(1)], { origin: 'dora', n: 1 });
    for (const origin of ['bert', 'odd'])
      expect(await engine.append('anna', [text(1)], { origin, n: 1 })).toBe('repeat');
    await engine.close();
  });

  it('sets a mark with its messages or not at all', async () => {
    const engine = sqliteEngine({ file: join(folder, 'inbox.db') });
    const mark = { origin: 'bert', n: 1 };
    await expect(engine.append('anna', [text(1), UNSTORABLE], mark)).rejects.toThrow();
    expect(await engine.append('anna', [text(1)], mark)).toHaveLength(1);
    await engine.close();
  });

  it('says engine-failed when the file cannot be opened', () => {
    expect(() => sqliteEngine({ file: join(folder, 'no', 'such', 'folder.db') })).toThrowError(
      expect.objectContaining({ code: 'engine-failed' }),
    );
  });

  it('refuses a retention that keeps nothing', () => {
    const file = join(folder, 'inbox.db');
    expect(() => sqliteEngine({ file, retention: { maxCount: 0 } })).toThrowError(
      expect.objectContaining({ code: 'bad-option' }),
    );
  });
});
