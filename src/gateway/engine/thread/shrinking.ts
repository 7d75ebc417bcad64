import type Database from 'libsql';

/** So many pages lie free for what comes next: 4 MB. */
const SPARE_PAGES_COUNT = 1_000;
/** So many pages are given back to the file system in one transaction: a ms of work. */
const GIVEN_BACK_AT_ONCE_COUNT = 200;

/**
 * Gives pages that nothing uses any more back to the file system, some at a time, so that a file that was large for a while is
 * small again. To be called in each transaction. A file of before this was, which was made without `auto_vacuum`, stays as large
 * as it is: its pages are used again.
 */
export const createShrinking = (database: Database.Database): (() => void) => {
  const readFree = database.prepare('PRAGMA freelist_count');
  return () => {
    const { freelist_count: freeCount } = readFree.get() as { freelist_count: number };
    if (freeCount > SPARE_PAGES_COUNT)
      database.exec(`PRAGMA incremental_vacuum(${GIVEN_BACK_AT_ONCE_COUNT})`);
  };
};
