import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failureOf } from '../../src/gateway/engine/thread/failure.ts';
import { watchFile } from '../../src/gateway/engine/thread/file-watch.ts';

const FILE = '/data/inbox.db';
const thrown = (code: string) => Object.assign(new Error(`${code}: words of the system`), { code });

describe('an operator is told what is the matter with the file, and what to do', () => {
  it.each([
    [
      'SQLITE_BUSY',
      `Another program has held the write lock of ${FILE} for too long. Let it write in short transactions`,
    ],
    ['SQLITE_LOCKED', `Another program has held the write lock of ${FILE} for too long.`],
    ['SQLITE_FULL', `The disk that holds ${FILE} is full. Make room`],
    ['ENOSPC', `The disk that holds ${FILE} is full.`],
    ['SQLITE_CORRUPT', `${FILE} is damaged, or is no SQLite database. Put a backup in its place`],
    ['SQLITE_NOTADB', `${FILE} is damaged, or is no SQLite database.`],
    [
      'SQLITE_READONLY',
      `${FILE} cannot be written. Give this process the right to write the file and its folder.`,
    ],
    ['EACCES', `${FILE} cannot be written.`],
    ['EPERM', `${FILE} cannot be written.`],
    ['EROFS', `${FILE} cannot be written.`],
    ['ENOENT', `The folder of ${FILE} does not exist. Make it first.`],
    ['EISDIR', `${FILE} is a folder, or lies below a file. Name a file.`],
    ['ENOTDIR', `${FILE} is a folder, or lies below a file.`],
    [
      'FILE_GONE',
      `${FILE}, or a file ending in -wal or -shm beside it, was deleted or replaced while it was in use.`,
    ],
    ['SQLITE_IOERR', `${FILE} cannot be opened, read or written. Look at its disk.`],
    ['SQLITE_CANTOPEN', `${FILE} cannot be opened, read or written.`],
    ['EIO', `${FILE} cannot be opened, read or written.`],
    ['SQLITE_MISUSE', `The sqlite engine has failed at ${FILE}.`],
    ['NOT_SQLITE_BUSY', `The sqlite engine has failed at ${FILE}.`],
  ])('of %s', (code, words) => {
    const failure = failureOf(thrown(code), FILE);
    expect(failure.words.startsWith(words)).toBe(true);
    expect(failure).toMatchObject({ code, message: `${code}: words of the system` });
  });

  it('of a longer code of SQLite as of its family', () => {
    expect(failureOf(thrown('SQLITE_BUSY_RECOVERY'), FILE).words).toContain('the write lock of');
  });

  it('of what has no code at all', () => {
    expect(failureOf('out of order', FILE)).toEqual({
      words: `The sqlite engine has failed at ${FILE}.`,
      code: '',
      message: 'out of order',
    });
    expect(failureOf({ code: 5, message: 'five' }, FILE)).toMatchObject({ code: '', message: 'five' });
  });
});

describe('a database whose files are in use', () => {
  const ENDINGS = ['', '-wal', '-shm'];
  const startWatch = () => {
    const folder = mkdtempSync(join(tmpdir(), 'statesocket-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'inbox.db');
    for (const ending of ENDINGS) writeFileSync(`${file}${ending}`, 'before');
    return { file, check: watchFile(file) };
  };
  const gone = expect.objectContaining({ code: 'FILE_GONE' });

  it('is the one that was opened, whatever is written to it', () => {
    const { file, check } = startWatch();
    for (const ending of ENDINGS) writeFileSync(`${file}${ending}`, 'after');
    expect(check).not.toThrow();
  });

  it.each(ENDINGS)('is gone once its file "%s" is deleted', (ending) => {
    const { file, check } = startWatch();
    rmSync(`${file}${ending}`);
    expect(check).toThrow(gone);
    expect(check).toThrow(`inbox.db${ending} is not the file that was opened.`);
  });

  it.each(ENDINGS)('is gone once its file "%s" is replaced, as a backup that is put back does', (ending) => {
    const { file, check } = startWatch();
    writeFileSync(`${file}.backup`, 'before');
    renameSync(`${file}.backup`, `${file}${ending}`);
    expect(check).toThrow(gone);
  });
});
