import { fileURLToPath } from 'node:url';
import type { BinaryMessage } from 'statesocket';
import { describe, expect, it, vi } from 'vitest';
import { needPythonWebsockets } from '../../scripts/foreign-servers.mjs';
import { freePort } from '../support/free-port.ts';
import { startListeningProcess } from './support/listening-process.ts';
import { startClient } from './support/real-client.ts';

/** A server that nobody here wrote, in another language. */
const startEcho = async (options: { stableAfterMs?: number } = {}) => {
  const port = await freePort();
  const script = fileURLToPath(new URL('support/echo-server.py', import.meta.url));
  const server = await startListeningProcess(needPythonWebsockets(), [script, String(port)], port);
  return { server, client: startClient({ url: `ws://127.0.0.1:${port}/`, ...options }) };
};

describe("a server of Python's websockets", { timeout: 20_000 }, () => {
  it('opens, and carries text and bytes both ways', async () => {
    const { client } = await startEcho();
    await client.opens();
    client.connection.send({ type: 'SAY', text: 'ünïcode ✓ 🎁' });
    client.connection.sendBinary(new Uint8Array([0, 1, 254, 255]));
    await vi.waitFor(() => expect(client.messages.length).toBe(2));
    expect(client.messages[0]).toEqual({ type: 'SAY', text: 'ünïcode ✓ 🎁' });
    const { data } = client.messages[1] as unknown as BinaryMessage;
    expect(new Uint8Array(data)).toEqual(new Uint8Array([0, 1, 254, 255]));
    const long = 'x'.repeat(300_000);
    client.connection.send({ type: 'SAY', text: long });
    await vi.waitFor(() => expect(client.messages.at(-1)?.text === long).toBe(true));
    client.isWell();
  });

  it('closes cleanly (1000): the client was stable and dials again at once', async () => {
    const { client } = await startEcho();
    await client.opens();
    client.connection.send({ type: 'BYE' });
    await client.ended();
    expect(client.ends).toEqual([{ cause: 'closed', code: 1000, wasClean: true }]);
    await client.opens();
    expect(client.statuses).toEqual(['connecting', 'open', 'connecting', 'open']);
    expect(client.retries).toEqual([]);
    await client.chats();
    client.isWell();
  });

  it('closes cleanly before the client was stable: backoff', async () => {
    const { client } = await startEcho({ stableAfterMs: 60_000 });
    await client.opens();
    client.connection.send({ type: 'BYE' });
    await client.ended();
    await client.opens();
    expect(client.retries).toEqual([1]);
    await client.chats();
    client.isWell();
  });

  it('killed (kill -9): the client retries until it is back', async () => {
    const { server, client } = await startEcho();
    await client.opens();
    await server.end('SIGKILL');
    await vi.waitFor(() => expect(client.retries.length).toBeGreaterThanOrEqual(2));
    expect(client.ends[0]).toEqual({ cause: 'closed', code: 1006, wasClean: false });
    await server.start();
    await client.opens();
    await client.chats();
    client.isWell();
  });

  it('restarted in good order (1001): the client waits its random share of the spread, then retries', async () => {
    const { server, client } = await startEcho();
    await client.opens();
    await server.end('SIGTERM');
    await client.ended();
    expect(client.ends[0]).toEqual({ cause: 'closed', code: 1001, wasClean: true });
    expect(client.statuses.slice(0, 3)).toEqual(['connecting', 'open', 'backoff']);
    await server.start();
    await client.opens();
    // The first wait was the spread, which does not count as a retry.
    expect(client.retries).toEqual(client.ends.slice(1).map((_end, index) => index + 1));
    await client.chats();
    client.isWell();
  });
});
