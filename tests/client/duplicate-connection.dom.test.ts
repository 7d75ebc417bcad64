import { type Connection, createConnection, type StatesocketError } from 'statesocket';
import { createFakeServer } from 'statesocket/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';

const made: Connection[] = [];

const make = (options: Partial<Parameters<typeof createConnection>[0]> = {}) => {
  const server = createFakeServer();
  const connection = createConnection({ url: 'wss://server.test/', WebSocket: server.WebSocket, ...options });
  made.push(connection);
  const errors: StatesocketError[] = [];
  connection.onError((error) => errors.push(error));
  return { connection, server, errors, codes: () => errors.map(({ code }) => code) };
};

const opened = (options: Partial<Parameters<typeof createConnection>[0]> = {}, userId = 'ada') => {
  const app = make(options);
  app.connection.connect({ userId });
  app.server.accepts();
  return app;
};

afterEach(() => {
  for (const connection of made.splice(0)) connection.dispose();
  vi.useRealTimers();
});

describe('a component that makes a connection with each render', () => {
  it('is told at the tenth, once, in words that say what to do', async () => {
    const apps = Array.from({ length: 30 }, () => make());
    await Promise.resolve();
    const told = apps.flatMap(({ errors }, index) => errors.map((error) => [index, error.code]));
    expect(told).toEqual([[9, 'duplicate-connection']]);
    vi.useRealTimers();
    await vi.waitFor(() =>
      expect(apps[9]?.errors[0]?.message).toContain('Call it once, outside of components'),
    );
  });

  it('is not one that disposes of what it replaces, nor one that makes them now and then', async () => {
    for (let render = 0; render < 30; render += 1) {
      const { connection, codes } = make();
      await Promise.resolve();
      expect(codes()).toEqual([]);
      connection.dispose();
    }
    vi.useFakeTimers();
    for (let hour = 0; hour < 30; hour += 1) {
      const { codes } = make();
      await vi.advanceTimersByTimeAsync(3_600_000);
      expect(codes()).toEqual([]);
    }
  });

  it('is told again once there were fewer', async () => {
    const first = Array.from({ length: 10 }, () => make());
    await Promise.resolve();
    expect(first.at(-1)?.codes()).toEqual(['duplicate-connection']);
    first[0]?.connection.dispose();
    const next = make();
    await Promise.resolve();
    expect(next.codes()).toEqual(['duplicate-connection']);
  });
});

it('a component is not told again where only one of the oldest was disposed of, and ten are left', async () => {
  const first = Array.from({ length: 12 }, () => make());
  await Promise.resolve();
  first[0]?.connection.dispose();
  const next = make();
  await Promise.resolve();
  expect([...first, next].flatMap(({ codes }) => codes())).toEqual(['duplicate-connection']);
});

describe('two open connections of one user', () => {
  const PLACE = { getToken: () => 'secret', url: () => 'wss://server.test/secret/' };

  it('are told once, at the second, whatever their tokens are', () => {
    const first = opened(PLACE);
    const second = opened({ getToken: () => 'hidden', url: () => 'wss://server.test/hidden/' });
    const third = opened(PLACE);
    expect([first.codes(), second.codes(), third.codes()]).toEqual([[], ['duplicate-connection'], []]);
    expect(second.errors[0]?.message).toContain('each message comes twice');
    expect(second.errors[0]?.message).not.toMatch(/secret|hidden|server\.test/);
  });

  it.each([
    ['of two users', {}, 'ben'],
    ['to two URLs', { url: 'wss://server.test/news/' }, 'ada'],
    ['with other subprotocols', { protocols: ['v2'] }, 'ada'],
  ])('%s are no duplicates', (_, options, userId) => {
    const first = opened({});
    const second = opened(options, userId);
    expect([first.codes(), second.codes()]).toEqual([[], []]);
  });

  it('are none where the first has ended, by disposal, logout or a close', () => {
    opened().connection.dispose();
    const second = opened();
    second.connection.logout();
    const third = opened();
    third.server.closes(4403);
    const fourth = opened();
    expect([second.codes(), third.codes(), fourth.codes()]).toEqual([[], [], []]);
  });

  it('are no word for one connection that dials again', () => {
    const { server, connection, codes } = opened();
    server.closes(1006);
    connection.retry();
    server.accepts();
    expect(connection.status).toBe('open');
    expect(codes()).toEqual([]);
  });
});
