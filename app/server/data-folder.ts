import { existsSync } from 'node:fs';
import { access, chmod, constants, mkdir, open, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { sqliteEngine } from 'statesocket/gateway';
import { openDatabase } from './database/open-database.ts';
import { StartError } from './start-error.ts';

/** Not `mkdir` with `recursive`: in Node 20 that never returns below a folder that takes no entries, such as /proc. */
const makeFolder = async (folder: string): Promise<void> => {
  if (existsSync(folder)) return;
  await makeFolder(dirname(folder));
  await mkdir(folder, { mode: 0o700 });
};

/** Reading and writing for the owner of a file; nothing for the group and for others. */
const OWNER_ONLY = 0o600;

/** Takes the rights of everybody but its owner away from a file that exists. */
const closeToOthers = async (file: string): Promise<void> => {
  if (!existsSync(file)) return;
  // A file system that knows no rights may refuse to change them: it is asked only where something is open to others.
  if (((await stat(file)).mode & 0o077) !== 0) await chmod(file, OWNER_ONLY);
};

/**
 * Makes the file of a database, or closes the one that is there to others: it holds names, addresses, who gives to whom, what
 * is said and every picture. SQLite gives the files that it puts beside it the same rights; those of a process that was killed
 * are there already.
 */
const privateFile = async (folder: string, name: string): Promise<string> => {
  const file = join(folder, name);
  await (await open(file, 'a', OWNER_ONLY)).close();
  for (const suffix of ['', '-wal', '-shm', '-journal']) await closeToOthers(`${file}${suffix}`);
  return file;
};

/**
 * Opens what is kept in the data folder, and makes the folder: the app's database and, in a file beside it, the inboxes
 * of the gateway. The files are for their owner only (0600), and so is a folder that it makes (0700); the rights of a folder
 * that is there are left as they are. Rejects with a StartError when the folder cannot be written.
 */
export const openDataFolder = async (dataDir: string) => {
  const folder = resolve(dataDir);
  try {
    await makeFolder(folder);
    // The dot makes it fail for a file of that name.
    await access(`${folder}${sep}.`, constants.W_OK);
    const db = await openDatabase(await privateFile(folder, 'redngift.sqlite'));
    return { db, engine: sqliteEngine({ file: await privateFile(folder, 'inboxes.sqlite') }), folder };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // The engine says in words what is the matter with its file; of the system's errors the code says most.
    const cause = code === 'engine-failed' ? message.replace(/\.$/, '') : code || message;
    const why = `The data folder ${folder} cannot be used (${cause}).`;
    throw new StartError(`${why} Choose one that can be written: DATA_DIR=./data npm start`, {
      cause: error,
    });
  }
};
