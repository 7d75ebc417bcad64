import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';

/** Builds a page of tests/e2e, which finds the built package by its name, into a directory of its own. */
export const buildPage = async (
  name: string,
): Promise<{ readonly webDir: string; remove(): Promise<void> }> => {
  const webDir = await mkdtemp(join(tmpdir(), 'statesocket-e2e-'));
  await build({
    root: `tests/e2e/${name}`,
    configFile: false,
    logLevel: 'warn',
    build: { outDir: webDir, emptyOutDir: true },
  });
  return { webDir, remove: () => rm(webDir, { recursive: true, force: true }) };
};
