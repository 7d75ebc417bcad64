import { access, constants, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { sqliteEngine } from 'statesocket/gateway';
import { openDatabase } from './database/open-database.ts';
import { StartError } from './start-error.ts';

/**
 * Opens what is kept in the data folder, and makes the folder: the app's database and, in a file beside it, the inboxes
 * of the gateway. Rejects with a StartError when the folder cannot be written.
 */
export const openDataFolder = async (dataDir: string) => {
  const folder = resolve(dataDir);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    const db = await openDatabase(join(folder, 'rednift.sqlite'));
    return { db, engine: sqliteEngine({ file: join(folder, 'inboxes.sqlite') }) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = `The data folder ${folder} cannot be used (${code || message}).`;
    throw new StartError(`${why} Choose one that can be written: DATA_DIR=./data npm start`, {
      cause: error,
    });
  }
};
