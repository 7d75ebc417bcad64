import { existsSync } from 'node:fs';
import { access, constants, mkdir } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { sqliteEngine } from 'statesocket/gateway';
import { openDatabase } from './database/open-database.ts';
import { StartError } from './start-error.ts';

/** Not `mkdir` with `recursive`: in Node 20 that never returns below a folder that takes no entries, such as /proc. */
const makeFolder = async (folder: string): Promise<void> => {
  if (existsSync(folder)) return;
  await makeFolder(dirname(folder));
  await mkdir(folder);
};

/**
 * Opens what is kept in the data folder, and makes the folder: the app's database and, in a file beside it, the inboxes
 * of the gateway. Rejects with a StartError when the folder cannot be written.
 */
export const openDataFolder = async (dataDir: string) => {
  const folder = resolve(dataDir);
  try {
    await makeFolder(folder);
    // The dot makes it fail for a file of that name.
    await access(`${folder}${sep}.`, constants.W_OK);
    const db = await openDatabase(join(folder, 'redngift.sqlite'));
    return { db, engine: sqliteEngine({ file: join(folder, 'inboxes.sqlite') }) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = `The data folder ${folder} cannot be used (${code || message}).`;
    throw new StartError(`${why} Choose one that can be written: DATA_DIR=./data npm start`, {
      cause: error,
    });
  }
};
