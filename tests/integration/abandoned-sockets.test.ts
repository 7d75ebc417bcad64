import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createConnection, type StatesocketError } from 'statesocket';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { startNeverEndingServer } from './support/never-ending-server.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

const neverEnding = async (closeCode?: number) => {
  const server = await startNeverEndingServer(closeCode);
  cleanups.push(server.close);
  return server;
};

/** `ws` itself waits 30 s for the end of a TCP connection. */
const PROMPT_MS = 15_000;

/** Node 20 has one behind a flag. */
const NODES_OWN = globalThis.WebSocket === undefined ? ['--experimental-websocket', '--no-warnings'] : [];

const support = (file: string): string => fileURLToPath(new URL(`support/${file}`, import.meta.url));

/** Runs a Node process until it ends by itself. */
const runs = (flags: readonly string[], ...args: readonly string[]) =>
  new Promise<{ code: number | null; output: string }>((resolve) => {
    const child = spawn(process.execPath, [...flags, support('leaving-client.mjs'), ...args]);
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    const killer = setTimeout(() => child.kill('SIGKILL'), PROMPT_MS);
    child.on('exit', (code) => {
      clearTimeout(killer);
      resolve({ code, output });
    });
  });

describe('a Node process whose peer never ends a TCP connection', () => {
  it.each([
    ['the ws package', 'ws', []],
    ["Node's own WebSocket, given a terminate()", 'undici', NODES_OWN],
  ])(
    '(%s) ends after dispose()',
    async (_, kind, flags) => {
      const { url } = await neverEnding();
      expect(await runs(flags, url, kind)).toEqual({ code: 0, output: 'open\n' });
    },
    30_000,
  );

  it('(the class that gives Node a terminate) is the one in the documents', () => {
    const document = readFileSync(
      new URL('../../docs/decisions/abandoned-sockets.md', import.meta.url),
      'utf8',
    );
    expect(document).toContain(readFileSync(support('terminable-web-socket.mjs'), 'utf8'));
  });
});

const dial = (url: string, getToken?: () => string) => {
  const connection = createConnection({
    url,
    WebSocket,
    backoff: () => 60_000,
    stableAfterMs: 0,
    ...(getToken ? { getToken } : {}),
  });
  cleanups.push(() => connection.dispose());
  const errors: StatesocketError[] = [];
  connection.onError((error) => void errors.push(error));
  connection.connect({ userId: 'ada' });
  return { connection, errors };
};

describe('a close frame after which TCP does not end', () => {
  it('4401: a fresh token is asked for, and given up where that is refused too', async () => {
    const server = await neverEnding(4401);
    const getToken = vi.fn(() => 'token');
    const { connection } = dial(server.url, getToken);
    await vi.waitFor(() => expect(connection.getSnapshot().failure).toBe('rejected'), { timeout: 25_000 });
    expect(getToken).toHaveBeenLastCalledWith(expect.objectContaining({ reason: 'refresh' }));
    expect([server.dialCount, connection.getSnapshot().lastEnd?.code]).toEqual([2, 4401]);
  }, 40_000);

  it('in words that are true: what is sent meanwhile is refused because the socket is closing', async () => {
    const server = await neverEnding(1000);
    const { connection, errors } = dial(server.url);
    await vi.waitFor(() => expect(connection.status).toBe('open'));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(connection.send({ type: 'SAY' })).toBe('refused');
    expect(errors.map(({ code }) => code)).toEqual(['not-connected']);
    expect(errors[0]?.message).toContain('its socket is closing');
    expect(errors[0]?.message).not.toContain('it is open');
  });

  it('the ordinary way to it: a message of 5 MB to a server that takes 1 MB', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: 1_000_000 });
    server.on('connection', (socket) => socket.on('error', () => {}));
    cleanups.push(() => {
      for (const client of server.clients) client.terminate();
      server.close();
    });
    await new Promise((resolve) => server.once('listening', resolve));
    const { connection } = dial(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await vi.waitFor(() => expect(connection.status).toBe('open'));
    connection.sendBinary(new Uint8Array(5_000_000));
    await vi.waitFor(() => expect(connection.status).toBe('backoff'), { timeout: 15_000 });
    expect(connection.getSnapshot().lastEnd?.code).toBe(1009);
  }, 30_000);
});
