import type { Failure } from './calls.ts';

/** The file is not the one that was opened: what would be written to it goes nowhere. */
export class FileGone extends Error {
  readonly code = 'FILE_GONE';
}

const WORDS: readonly (readonly [code: RegExp, words: (file: string) => string])[] = [
  [
    /^SQLITE_(BUSY|LOCKED)/,
    (file) =>
      `Another program has held the write lock of ${file} for too long. Let it write in short transactions; a backup needs none.`,
  ],
  [
    /^(SQLITE_FULL|ENOSPC)/,
    (file) => `The disk that holds ${file} is full. Make room; nothing else is to be done.`,
  ],
  [
    /^SQLITE_(CORRUPT|NOTADB)/,
    (file) =>
      `${file} is damaged, or is no SQLite database. Put a backup in its place, while no server runs.`,
  ],
  [
    /^(SQLITE_READONLY|EACCES|EPERM|EROFS)/,
    (file) => `${file} cannot be written. Give this process the right to write the file and its folder.`,
  ],
  [/^ENOENT/, (file) => `The folder of ${file} does not exist. Make it first.`],
  [/^(EISDIR|ENOTDIR)/, (file) => `${file} is a folder, or lies below a file. Name a file.`],
  [
    /^FILE_GONE/,
    (file) =>
      `${file}, or a file ending in -wal or -shm beside it, was deleted or replaced while it was in use. ` +
      'What was just stored may be lost. Put it back or restart the server, and stop the server before you touch its files.',
  ],
  [
    /^(SQLITE_IOERR|SQLITE_CANTOPEN|EIO)/,
    (file) => `${file} cannot be opened, read or written. Look at its disk.`,
  ],
];

/** Says what has happened to the file, and keeps SQLite's own words beside. */
export const failureOf = (cause: unknown, file: string): Failure => {
  const { code, message } = cause as { code?: unknown; message?: unknown };
  const known = typeof code === 'string' ? code : '';
  const found = WORDS.find(([pattern]) => pattern.test(known));
  return {
    words: found?.[1](file) ?? `The sqlite engine has failed at ${file}.`,
    code: known,
    message: String(message ?? cause),
  };
};
