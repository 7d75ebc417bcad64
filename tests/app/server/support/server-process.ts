import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

const root = resolve(import.meta.dirname, '../../../..');

/** Bundles the sources of the command-line entry, so that it runs as a process of its own without a build before. */
export const bundledCli = (): { readonly file: string } => {
  const bundle = { file: '' };
  let folder = '';
  beforeAll(async () => {
    // Inside the checkout, so that Node finds the packages.
    const parent = join(root, 'node_modules/.cache/redngift');
    await mkdir(parent, { recursive: true });
    folder = await mkdtemp(join(parent, 'cli-'));
    await build({
      root,
      configFile: false,
      logLevel: 'error',
      resolve: {
        alias: [{ find: /^statesocket\/(\w+(?:\/\w+)?)$/, replacement: join(root, 'src/$1/index.ts') }],
      },
      build: {
        ssr: 'app/server/cli.ts',
        outDir: join(folder, 'server'),
        target: 'node20',
        rollupOptions: { output: { entryFileNames: 'cli.mjs' } },
      },
    });
    await mkdir(join(folder, 'web'));
    await writeFile(join(folder, 'web/index.html'), '<title>RednGift</title>');
    bundle.file = join(folder, 'server/cli.mjs');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return bundle;
};

interface ServerProcess {
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  /** The URL that it prints once it runs. */
  readonly url: Promise<string>;
  readonly exit: Promise<number | null>;
}

export const spawnServer = (file: string, env: Record<string, string>): ServerProcess => {
  const child = spawn(process.execPath, [file], { env: { ...process.env, HOST: '', ...env } });
  const output = { stdout: '', stderr: '' };
  const exit = new Promise<number | null>((done) => child.on('close', done));
  const url = new Promise<string>((found, failed) => {
    child.stdout.on('data', (text) => {
      output.stdout += String(text);
      const printed = /RednGift is running at (\S+)/.exec(output.stdout)?.[1];
      if (printed !== undefined) found(printed);
    });
    void exit.then((code) => failed(new Error(`The server ended with ${code}: ${output.stderr}`)));
  });
  // A test that expects the server not to start never asks for its URL.
  url.catch(() => undefined);
  child.stderr.on('data', (text) => {
    output.stderr += String(text);
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return { child, output, url, exit };
};
