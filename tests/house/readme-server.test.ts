import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { lastingPort } from '../support/free-port.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const soon = (check: () => void) => vi.waitFor(check, { timeout: 15_000, interval: 20 });

/** A folder in which somebody has installed statesocket, ws and libsql, and pasted the README's server and client. */
const project = { folder: '' };
beforeAll(async () => {
  project.folder = await mkdtemp(join(tmpdir(), 'readme-server-'));
  await mkdir(join(project.folder, 'node_modules'));
  await symlink(root, join(project.folder, 'node_modules/statesocket'));
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = '']) => code);
  const servers = blocks.filter((code) => code.includes('createGateway({'));
  expect(servers).toHaveLength(1);
  await writeFile(join(project.folder, 'server.mjs'), servers[0] ?? '');
  const clients = blocks.filter((code) => code.includes('process.argv'));
  expect(clients).toHaveLength(1);
  await writeFile(join(project.folder, 'client.mjs'), clients[0] ?? '');
  await symlink(join(root, 'node_modules/ws'), join(project.folder, 'node_modules/ws'));
});
afterAll(() => rm(project.folder, { recursive: true, force: true }));

const startServer = async (
  port: number,
): Promise<ChildProcess & { readonly ended: Promise<number | null> }> => {
  const child = spawn(process.execPath, ['server.mjs'], {
    cwd: project.folder,
    env: { ...process.env, PORT: String(port) },
  });
  let output = '';
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  onTestFinished(() => void child.kill('SIGKILL'));
  await soon(() => expect(output).toContain('Listening'));
  return Object.assign(child, { ended });
};

/** The client half of the built package, as the README's example of delivery makes it. */
const connect = async (port: number, userId: string) => {
  const built = (entry: string): string => pathToFileURL(join(root, 'dist', entry)).href;
  const { createConnection }: typeof import('statesocket') = await import(built('index.js'));
  const { durableDelivery }: typeof import('statesocket/delivery') = await import(built('delivery.js'));
  const connection = createConnection({
    url: `ws://127.0.0.1:${port}/connect/token-of-${userId}/`,
    WebSocket,
    delivery: durableDelivery({ durable: ({ type }) => type === 'SEND_MESSAGE', server: 'statesocket' }),
    backoff: () => 2_000,
  });
  onTestFinished(() => connection.dispose());
  const heard: unknown[] = [];
  connection.onError(() => {}); // a rejection is told in the outbox too
  connection.on('NEW_MESSAGE', ({ from, text }) => heard.push(`${from}: ${text}`));
  connection.connect({ userId });
  return { connection, heard };
};

describe('the server of the README, pasted into a file', () => {
  it('brings a message to a client that was away while the server was killed, once, and stops at SIGTERM', async () => {
    const port = await lastingPort();
    const first = await startServer(port);
    const [ada, ben] = await Promise.all([connect(port, 'ada'), connect(port, 'ben')]);
    await soon(() => expect([ada.connection.status, ben.connection.status]).toEqual(['open', 'open']));
    ada.connection.send({ type: 'SEND_MESSAGE', to: 'ben', text: 'Hello' });
    await soon(() => expect(ben.heard).toEqual(['ada: Hello']));
    ben.connection.disconnect();
    ada.connection.send({ type: 'SEND_MESSAGE', to: 'ben', text: 'Are you there?' });
    await soon(() => expect(ada.heard).toEqual(['ada: Hello', 'ada: Are you there?']));
    first.kill('SIGKILL');
    await first.ended;

    const second = await startServer(port);
    ben.connection.connect({ userId: 'ben' });
    await soon(() => expect(ben.heard).toEqual(['ada: Hello', 'ada: Are you there?']));
    await soon(() => expect(ada.connection.status).toBe('open'));
    expect(ada.heard).toHaveLength(2);
    second.kill('SIGTERM');
    expect(await second.ended).toBe(0);
  });

  it('serves the client of the README, pasted beside it: two people hear each other, and nothing is complained of', async () => {
    const port = await lastingPort();
    const server = await startServer(port);
    const start = (name: string) => {
      const child = spawn(process.execPath, ['client.mjs', name], {
        cwd: project.folder,
        env: { ...process.env, PORT: String(port) },
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      const lines: string[] = [];
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (text) => lines.push(...String(text).trim().split('\n')));
      return lines;
    };
    const ada = start('ada');
    await soon(() => expect(ada).toEqual(['ada: Hello from ada']));
    const ben = start('ben');
    await soon(() => expect(ada).toEqual(['ada: Hello from ada', 'ben: Hello from ben']));
    await soon(() => expect(ben).toContain('ben: Hello from ben'));
    expect(ben.filter((line) => !/^(?:ada|ben): Hello from (?:ada|ben)$/.test(line))).toEqual([]);
    server.kill('SIGTERM');
    expect(await server.ended).toBe(0);
  });

  it('refuses a token that it does not know, a page that it does not list, and what its rules do not allow', async () => {
    const port = await lastingPort();
    await startServer(port);
    const closed = (path: string, headers: Record<string, string> = {}) =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
        socket.on('close', resolve);
        socket.on('error', reject);
      });
    expect(await closed('/connect/guessed/')).toBe(4401);
    expect(await closed('/connect/token-of-ada/', { Origin: 'https://evil.example' })).toBe(4403);
    const { connection, heard } = await connect(port, 'ada');
    for (const bad of [
      { to: 'nobody', text: 'Hello' },
      { to: 'ben', text: 7 },
      { to: ['ben'], text: 'Hello' },
    ])
      connection.send({ type: 'SEND_MESSAGE', ...bad });
    const failures = () => connection.outbox.entries.map(({ state, code }) => [state, code]);
    await soon(() =>
      expect(failures()).toEqual([
        ['failed', 'unknown-recipient'],
        ['failed', 'bad-text'],
        ['failed', 'unknown-recipient'],
      ]),
    );
    expect(heard).toEqual([]);
  });
});
