import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataFolder } from '../../../app/server/data-folder.ts';
import { startTestServer, temporaryFolder } from './support/test-server.ts';

const rightsOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);
const rightsIn = async (folder: string) =>
  Object.fromEntries(
    await Promise.all(
      (await readdir(folder)).map(async (name) => [name, await rightsOf(join(folder, name))]),
    ),
  );

/** The files of both databases while they are open. */
const PRIVATE = Object.fromEntries(
  ['redngift', 'inboxes'].flatMap((name) =>
    ['', '-wal', '-shm'].map((suffix) => [`${name}.sqlite${suffix}`, '600']),
  ),
);

/** Whatever the umask lets through. */
const withOpenUmask = async (run: () => Promise<void>) => {
  const before = process.umask(0);
  try {
    await run();
  } finally {
    process.umask(before);
  }
};

describe('the data folder', () => {
  it('is made for its owner only, with all that is in it, whatever the umask', async () => {
    const parent = await temporaryFolder();
    const dataDir = join(parent, 'made', 'data');
    await withOpenUmask(async () => {
      await startTestServer({ dataDir });
      expect(await rightsIn(dataDir)).toEqual(PRIVATE);
    });
    expect(await rightsOf(dataDir)).toBe('700');
    expect(await rightsOf(join(parent, 'made'))).toBe('700');
  });

  it('that is there keeps its rights, and files in it that others could read are closed to them', async () => {
    const folder = join(await temporaryFolder(), 'data');
    await mkdir(folder, { mode: 0o755 });
    await chmod(folder, 0o755);
    const first = await openDataFolder(folder);
    // A process that is killed leaves the log of its database behind.
    for (const name of Object.keys(PRIVATE)) await chmod(join(folder, name), 0o644);
    await first.engine.close();
    const db = await openDataFolder(folder);
    expect(await rightsIn(folder)).toEqual(PRIVATE);
    expect(await rightsOf(folder)).toBe('755');
    await db.engine.close();
    await Promise.all([first.db.destroy(), db.db.destroy()]);
  });

  it('whose file of inboxes is damaged is told so in words', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'inboxes.sqlite'), 'Dear diary, '.repeat(1_000));
    await expect(openDataFolder(folder)).rejects.toThrow(
      /inboxes\.sqlite is damaged, or is no SQLite database/,
    );
  });

  it('that cannot be used is told by its name', async () => {
    const file = join(await temporaryFolder(), randomUUID());
    await writeFile(file, '');
    await expect(openDataFolder(file)).rejects.toThrow(`The data folder ${file} cannot be used`);
  });
});
