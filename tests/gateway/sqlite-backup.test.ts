import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'libsql';
import { expect, it, onTestFinished } from 'vitest';
import { sqliteEngine } from '../../src/gateway/index.ts';

it('a copy made by VACUUM INTO while the engine writes is whole, and the engine goes on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'statesocket-backup-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [file, copy] = [join(folder, 'inboxes.sqlite'), join(folder, 'copy.sqlite')];
  const engine = sqliteEngine({ file });
  onTestFinished(() => engine.close());
  const append = (n: number) => engine.append('anna', [JSON.stringify({ type: 'A', n })]);
  for (let n = 0; n < 50; n += 1) await append(n);
  const appends = Array.from({ length: 200 }, (_none, n) => append(50 + n));
  // As an operator does it with sqlite3: another connection to the same file.
  const backup = new Sqlite(file);
  backup.exec('pragma busy_timeout = 5000');
  backup.exec(`vacuum into '${copy}'`);
  backup.close();
  await Promise.all(appends);
  const restored = sqliteEngine({ file: copy });
  onTestFinished(() => restored.close());
  const entries = (await restored.readAfter('anna', '0', 1_000)) ?? [];
  expect(entries.length).toBeGreaterThanOrEqual(50);
  expect(entries.map(({ text }) => JSON.parse(text).n)).toEqual(entries.map((_entry, n) => n));
  expect(await restored.last('anna')).toBe(entries.at(-1)?.id);
  expect((await engine.readAfter('anna', '0', 1_000))?.length).toBe(250);
});
