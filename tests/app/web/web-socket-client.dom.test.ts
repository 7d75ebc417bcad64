import { describe, expect, it, vi } from 'vitest';
import { json, refusal } from './support/fake-api.ts';
import { freshModules } from './support/open-redngift.tsx';

const connected = async () => {
  const { server, WebSocketClient } = await freshModules();
  const client = WebSocketClient.getInstance();
  client.init('ada');
  await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
  server.accepts();
  return { server, client };
};

const connectedInVirtualTime = async () => {
  vi.useFakeTimers();
  const { server, WebSocketClient } = await freshModules();
  const client = WebSocketClient.getInstance();
  client.init('ada');
  await vi.advanceTimersByTimeAsync(0);
  server.accepts();
  return { server, client };
};

describe('WebSocketClient', () => {
  it('takes no server for a plain one: without WELCOME its socket is given up', async () => {
    const { client } = await connectedInVirtualTime();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.connection.getSnapshot().lastEnd?.cause).toBe('silent');
    client.disconnect(true);
  });

  it('is a singleton', async () => {
    const { WebSocketClient } = await freshModules();
    const instance1 = WebSocketClient.getInstance();
    const instance2 = WebSocketClient.getInstance();
    expect(instance1).toBe(instance2);
  });

  it('does not reconnect after logout, and the retries stay 0', async () => {
    const { server, client } = await connectedInVirtualTime();
    client.disconnect(true);
    server.closes(1000);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(server.sockets).toHaveLength(1);
    expect(server.latest.closedWith).toEqual({ code: 1000 });
    expect(client.connection.getSnapshot()).toMatchObject({ status: 'loggedOut', retryCount: 0 });
  });

  it('dials /connect/{ticket}/ on the host of the page, with a ticket that was fetched for it, and without the token', async () => {
    const { server } = await connected();
    expect(server.latest.url).toBe(`ws://${location.host}/connect/ticket-for-token-of-ada/`);
    expect(server.latest.protocols).toBeUndefined();
  });

  it('dials each time with a new ticket', async () => {
    vi.useFakeTimers();
    let count = 0;
    const { server, WebSocketClient } = await freshModules({
      arrange: (api) =>
        api.on('POST /api/ticket', () => json({ ticket: `t${++count}`, expiresInMs: 30_000 }, 201)),
    });
    const client = WebSocketClient.getInstance();
    client.init('ada');
    await vi.advanceTimersByTimeAsync(0);
    server.accepts();
    server.closes(1006);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(server.sockets.map(({ url }) => url.split('/').at(-2))).toEqual(['t1', 't2']);
    client.disconnect(true);
  });

  it.each([
    ['the server cannot be reached', () => Promise.reject(new TypeError('Failed to fetch')), false],
    ['the server is busy', () => refusal(503, 'Busy.'), true],
    ['the answer is none', () => json({ nonsense: true }), true],
  ])(
    'takes it for a lost attempt when %s, and dials when a ticket comes again',
    async (_, fails, isLogged) => {
      vi.useFakeTimers();
      const logged = vi.spyOn(console, 'error').mockReturnValue(undefined);
      const { server, api, WebSocketClient } = await freshModules({
        arrange: (fake) => fake.on('POST /api/ticket', fails),
      });
      const client = WebSocketClient.getInstance();
      client.init('ada');
      await vi.advanceTimersByTimeAsync(0);
      expect(server.sockets).toHaveLength(0);
      expect(client.connection.getSnapshot()).toMatchObject({
        status: 'backoff',
        failure: null,
        lastEnd: { cause: 'token' },
      });
      expect(logged.mock.calls.length > 0).toBe(isLogged);
      api.on('POST /api/ticket', () => json({ ticket: 'later', expiresInMs: 30_000 }, 201));
      await vi.advanceTimersByTimeAsync(30_000);
      expect(server.latest.url).toContain('/connect/later/');
      client.disconnect(true);
    },
  );

  it('dials nothing when the server says that the session is over', async () => {
    const { server, WebSocketClient } = await freshModules({
      arrange: (api) => api.on('POST /api/ticket', () => refusal(401, 'Please sign in.')),
    });
    const { connection } = WebSocketClient.getInstance();
    WebSocketClient.getInstance().init('ada');
    await vi.waitFor(() => expect(connection.status).toBe('idle'));
    expect(server.sockets).toHaveLength(0);
  });

  it('ends as rejected when an open socket is told that its session is over, and there is no new ticket', async () => {
    const { server, api, WebSocketClient } = await freshModules();
    const client = WebSocketClient.getInstance();
    client.init('ada');
    await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
    server.accepts();
    api.on('POST /api/ticket', () => refusal(401, 'Please sign in.'));
    server.closes(4401);
    await vi.waitFor(() =>
      expect(client.connection.getSnapshot()).toMatchObject({ status: 'failed', failure: 'rejected' }),
    );
    expect(server.sockets).toHaveLength(1);
  });

  it('dials nothing while no token is stored', async () => {
    const { server, WebSocketClient } = await freshModules({ token: null });
    const { connection } = WebSocketClient.getInstance();
    WebSocketClient.getInstance().init('ada');
    await vi.waitFor(() => expect(connection.status).toBe('idle'));
    expect(server.sockets).toHaveLength(0);
  });

  it('asks a silent gateway for a sign of life, and leaves one that gives none', async () => {
    const { server, client } = await connectedInVirtualTime();
    server.welcomes();
    server.resumes();
    const pings = () => (server.received as { type: string }[]).filter(({ type }) => type === 'PING');
    await vi.advanceTimersByTimeAsync(15_000);
    expect(pings()).toHaveLength(1);
    server.sends({ type: 'HEARTBEAT' });
    await vi.advanceTimersByTimeAsync(15_000);
    expect(pings()).toHaveLength(2);
    expect(server.sockets).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(server.sockets).toHaveLength(2);
    expect(client.connection.getSnapshot()).toMatchObject({
      status: 'connecting',
      lastEnd: { cause: 'silent' },
    });
    client.disconnect(true);
  });

  it('sends a JSON string as one text frame, and bytes as one binary frame', async () => {
    const { server, client } = await connected();
    const bytes = new Uint8Array([1, 2, 3]).buffer;
    expect(client.sendMessage('{"type":"TYPING","conversationId":"c"}')).toBe('sent');
    expect(client.sendBinaryMessage(bytes)).toBe('sent');
    expect(server.received).toEqual([{ type: 'TYPING', conversationId: 'c' }, bytes]);
  });

  it('refuses a command that its contract does not know, and says what does not fit', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue(undefined);
    const { server, client } = await connected();
    expect(client.sendMessage('{"type":"TYPING"}')).toBe('refused');
    expect(server.received).toEqual([]);
    expect(error).toHaveBeenCalledExactlyOnceWith(
      'WebSocket error:',
      expect.objectContaining({ code: 'message-refused' }),
    );
  });

  it('refuses to send while not connected, and says "WebSocket not connected"', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { WebSocketClient } = await freshModules();
    expect(WebSocketClient.getInstance().sendMessage('{"type":"TYPING","conversationId":"c"}')).toBe(
      'refused',
    );
    expect(warn.mock.calls).toEqual([['WebSocket not connected']]);
  });

  it('hands every message, parsed, to its listeners until they unsubscribe', async () => {
    const { server, client } = await connected();
    const heard = vi.fn();
    server.welcomes();
    server.resumes();
    const stop = client.addMessageListener(heard);
    const bytes = new ArrayBuffer(2);
    server.sends({ type: 'USER_ONLINE', userId: 'ben' });
    server.sendsBytes(bytes);
    stop();
    server.sends({ type: 'USER_OFFLINE', userId: 'ben' });
    expect(heard.mock.calls).toEqual([
      [{ type: 'USER_ONLINE', userId: 'ben' }],
      [{ type: 'binary', data: bytes }],
    ]);
  });

  it('tells of typing at most once a second and conversation', async () => {
    const { server, client } = await connectedInVirtualTime();
    for (let key = 0; key < 30; key += 1) {
      client.sendTypingIndicator('a');
      client.sendTypingIndicator('b');
      await vi.advanceTimersByTimeAsync(100);
    }
    const typed = server.received.filter((frame) => (frame as { type: string }).type === 'TYPING');
    expect(typed.map((frame) => (frame as { conversationId: string }).conversationId)).toEqual([
      'a',
      'b',
      'a',
      'b',
      'a',
      'b',
    ]);
  });

  it('logs "WebSocket error:" and the error, which does not have the token (I13)', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { server } = await connected();
    server.latest.deliver.error();
    expect(logged).toHaveBeenCalledExactlyOnceWith(
      'WebSocket error:',
      expect.objectContaining({ code: 'socket-error' }),
    );
    const [, error] = logged.mock.calls[0] ?? [];
    expect(`${(error as Error).message} ${(error as Error).stack}`).not.toContain('token-of-ada');
  });

  it('says once that the retries are used up, after 0, 10, 20 … 190 s', async () => {
    vi.useFakeTimers();
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { server, WebSocketClient } = await freshModules();
    const { connection } = WebSocketClient.getInstance();
    WebSocketClient.getInstance().init('ada');
    await vi.advanceTimersByTimeAsync(0);
    server.refuses();
    for (let retry = 1; retry <= 20; retry += 1) {
      await vi.advanceTimersByTimeAsync((retry - 1) * 10_000);
      expect(server.sockets).toHaveLength(retry + 1);
      server.refuses();
    }
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(server.sockets).toHaveLength(21);
    expect(connection.getSnapshot()).toMatchObject({ status: 'failed', failure: 'exhausted' });
    const lines = logged.mock.calls.map(([line]) => line);
    expect(lines.filter((line) => line !== 'WebSocket error:')).toEqual([
      'Max retries reached. WebSocket connection failed.',
    ]);
  });
});
