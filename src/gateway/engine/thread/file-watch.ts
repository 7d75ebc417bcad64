import { statSync } from 'node:fs';
import { FileGone } from './failure.ts';

/** What the file of a path is: another one has another number. */
const identityOf = (path: string): string | null => {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stats === undefined ? null : `${stats.dev} ${stats.ino}`;
};

/**
 * Notices that a database was deleted or replaced while it is open. SQLite does not: it goes on in files that have no name
 * any more, and all of that is gone with the process.
 *
 * Made when the database is open and in use, so that its write-ahead log and the index of that are there.
 *
 * @returns Throws `FileGone` when the files of these paths are not those that were there at first.
 */
export const watchFile = (file: string): (() => void) => {
  const paths = [file, `${file}-wal`, `${file}-shm`];
  const known = paths.map(identityOf);
  return () => {
    paths.forEach((path, at) => {
      if (identityOf(path) !== known[at]) throw new FileGone(`${path} is not the file that was opened.`);
    });
  };
};
