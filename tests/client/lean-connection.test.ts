import * as full from 'statesocket';
import { createFakeServer, createVirtualClock } from 'statesocket/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as lean from '../../src/index.browser.ts';

const set = (options: object = {}) => {
  const server = createFakeServer();
  const clock = createVirtualClock();
  const errors: full.StatesocketError[] = [];
  const connection = lean.createConnection({
    url: 'wss://server.test/',
    WebSocket: server.WebSocket,
    clock,
    ...options,
  });
  connection.onError((error) => void errors.push(error));
  return { connection, server, clock, errors };
};

afterEach(() => vi.unstubAllGlobals());

describe('the core of a page in production', () => {
  it('has the same names as any other', () => {
    expect(Object.keys(lean).sort()).toEqual(Object.keys(full).sort());
    expect(lean.createConnection).not.toBe(full.createConnection);
    // One class of errors, and one of everything else.
    expect(lean.StatesocketError).toBe(full.StatesocketError);
  });

  it.each([
    [{ url: '' }, 'url'],
    [{ maxRetries: -1 }, 'maxRetries'],
    [{ heartbeat: { intervalMs: 0, timeoutMs: 1 } }, 'heartbeat'],
    [{ protocols: [3] }, 'protocols'],
    [{ server: 'statesocket' }, 'server'],
    [{ recording: { maxTransitions: 7 } }, 'recording'],
  ])('refuses %o at the call, by its code and the name of the option', (options, name) => {
    expect(() => set(options)).toThrow(
      expect.objectContaining({
        code: 'bad-option',
        message: `createConnection: ${name} cannot work; a development build says what it must be.`,
      }),
    );
  });

  it('opens, hands on what comes, and sends', () => {
    const { connection, server, errors } = set();
    const heard: unknown[] = [];
    connection.on('NEWS', (message) => heard.push(message));
    connection.connect({ userId: 'ada' });
    server.accepts();
    server.sends({ type: 'NEWS', n: 1 });
    expect(heard).toEqual([{ type: 'NEWS', n: 1 }]);
    expect(connection.send({ type: 'HELLO', at: Number.NaN })).toBe('sent');
    expect(errors).toEqual([]);
  });

  it('says nothing of how the app is written: unknown names, what JSON alters, two at one place', async () => {
    vi.stubGlobal('window', globalThis);
    const first = set({ maxRetry: 3 });
    const second = set();
    for (const { connection, server } of [first, second]) {
      connection.connect({ userId: 'ada' });
      server.accepts();
      connection.send({ type: 'HELLO', members: new Map([[1, 2]]) });
    }
    await Promise.resolve();
    expect([first.errors, second.errors]).toEqual([[], []]);
  });

  it('reports what goes wrong at run time as any other, and why a handshake failed as browsers do: not at all', () => {
    const { connection, server, errors, clock } = set({ backoff: () => 1_000 });
    connection.connect({ userId: 'ada' });
    server.refuses();
    clock.passes(1_000);
    server.accepts();
    server.sends('{');
    expect(errors.map(({ code }) => code)).toEqual(['socket-error', 'malformed-frame']);
    expect(errors[0]).toMatchObject({
      failure: null,
      message: 'The WebSocket reported an error. Its close follows and decides.',
    });
    expect(connection.send(undefined as never)).toBe('refused');
  });
});
