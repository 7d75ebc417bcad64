import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { isFresh } from '../../scripts/build-freshness.mjs';

/** A folder of files, each with the time it was last changed, in s; folders are as old as can be. */
const folderWith = async (files: Record<string, number>) => {
  const folder = await mkdtemp(join(tmpdir(), 'freshness-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const folders = new Set<string>();
  for (const [name, changedAt] of Object.entries(files)) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '');
    await utimes(file, changedAt, changedAt);
    for (let at = dirname(file); at !== folder; at = dirname(at)) folders.add(at);
  }
  for (const at of folders) await utimes(at, 1, 1);
  return (...names: string[]) => names.map((name) => join(folder, name));
};

it('is fresh when every output is newer than every source', async () => {
  const at = await folderWith({ 'src/a.ts': 10, 'src/deep/b.ts': 20, 'out/a.js': 30, 'out/b.js': 21 });
  expect(isFresh({ sources: at('src'), outputs: at('out/a.js', 'out/b.js') })).toBe(true);
});

it('is stale when a source at any depth is newer than one output, or an output is missing', async () => {
  const at = await folderWith({ 'src/a.ts': 10, 'src/deep/b.ts': 25, 'out/a.js': 30, 'out/b.js': 21 });
  expect(isFresh({ sources: at('src'), outputs: at('out/a.js', 'out/b.js') })).toBe(false);
  expect(isFresh({ sources: at('src'), outputs: at('out/a.js') })).toBe(true);
  expect(isFresh({ sources: at('src'), outputs: at('out/a.js', 'out/none.js') })).toBe(false);
});

it('is stale when a source was removed, which changes its folder only', async () => {
  const at = await folderWith({ 'src/deep/b.ts': 10, 'out/a.js': 30 });
  const [source, output] = [at('src'), at('out/a.js')];
  expect(isFresh({ sources: source, outputs: output })).toBe(true);
  await rm(at('src/deep/b.ts')[0] ?? '');
  expect(isFresh({ sources: source, outputs: output })).toBe(false);
});

it('does not take what was built for a source', async () => {
  const at = await folderWith({ 'app/a.ts': 10, 'app/dist/a.js': 30, 'app/dist/later.js': 40 });
  expect(isFresh({ sources: at('app'), outputs: at('app/dist/a.js') })).toBe(true);
});
