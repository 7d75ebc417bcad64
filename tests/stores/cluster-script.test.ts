/** `npm run cluster`, as a person starts and ends it. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { findFreePort } from '../../scripts/postgres.mjs';
import { signIn } from '../app/server/support/person.ts';

const patience = { timeout: 60_000, interval: 100 };

const startScript = async (
  env: Readonly<Record<string, string>> = {},
  [program, ...args]: readonly [string, ...string[]] = [process.execPath, 'scripts/cluster.mjs'],
) => {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-script-'));
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const port = await findFreePort();
  const child = spawn(program, args, {
    env: { ...process.env, TMPDIR: folder, PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output += String(text);
    });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return {
    child,
    port,
    ended,
    output: () => output,
    says: (text: string) => vi.waitFor(() => expect(output).toContain(text), patience),
    /** What runs of it, by what it was started with: its own folder, or its group. */
    left(): string[] {
      const all = execFileSync('ps', ['-eo', 'pid=,pgid=,args='], { encoding: 'utf8' }).split('\n');
      const stack = all.find((line) => line.includes(`cluster-stack.mjs ${port}`));
      const group = stack?.trim().split(/\s+/)[1] ?? groups.get(port);
      if (group !== undefined) groups.set(port, group);
      return all.filter(
        (line) => line !== '' && (line.includes(folder) || line.trim().split(/\s+/)[1] === group),
      );
    },
    files: () => readdirSync(folder),
  };
};
const groups = new Map<number, string>();

describe('npm run cluster', () => {
  it('serves people at the address that it prints, and leaves nothing behind after Ctrl-C', async () => {
    const script = await startScript();
    await script.says('Press Ctrl-C to take it down');
    const printed = (pattern: RegExp) => pattern.exec(script.output())?.[1] ?? '';
    const url = printed(/running at (\S+)/);
    const password = printed(/Password of both: (\S+)/);
    expect((await signIn(url, printed(/(\S+@demo\.test)/), password)).name).toBe('Ada');
    expect(await (await fetch(url)).text()).toContain('<title>');
    const left = script.left().join('\n');
    for (const name of ['postgres', 'redis-server', 'nginx', 'cli.js']) expect(left).toContain(name);
    script.child.kill('SIGINT');
    expect(await script.ended).toBe(0);
    expect(script.left()).toEqual([]);
    expect(script.files()).toEqual([]);
  });

  it('ends at once at a second Ctrl-C, also while it starts', async () => {
    const script = await startScript();
    await script.says('Postgres listens');
    script.left();
    script.child.kill('SIGINT');
    await script.says('Press Ctrl-C again');
    await new Promise((resolve) => setTimeout(resolve, 400));
    script.child.kill('SIGINT');
    await script.ended;
    await vi.waitFor(() => expect(script.left()).toEqual([]), patience);
    expect(script.files()).toEqual([]);
  });

  it('is taken down where it is killed itself (kill -9)', async () => {
    const script = await startScript();
    await script.says('Postgres listens');
    expect(script.left()).not.toEqual([]);
    script.child.kill('SIGKILL');
    await vi.waitFor(() => expect(script.left()).toEqual([]), patience);
  });

  it('is taken down where npm is killed, which started it in a shell', async () => {
    const script = await startScript({}, ['npm', 'run', '--silent', 'cluster']);
    await script.says('Postgres listens');
    expect(script.left()).not.toEqual([]);
    script.child.kill('SIGKILL');
    await vi.waitFor(() => expect(script.left()).toEqual([]), patience);
    expect(script.files()).toEqual([]);
  });

  it('says what is missing, and how to get all of it', async () => {
    const script = await startScript({ POSTGRES_BIN: '/nowhere', NGINX_PATH: '/nowhere/nginx' });
    expect(await script.ended).toBe(1);
    expect(script.output()).toContain('apt-get install postgresql nginx');
    expect(script.left()).toEqual([]);
  });
});
