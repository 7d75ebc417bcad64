import { type Connection, createConnection } from 'statesocket';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

/** Make before break: the next connection is open before the old one goes. Returns the one to use from now on. */
const renew = (old: Connection, make: () => Connection, userId: string): Promise<Connection> =>
  new Promise((resolve) => {
    const next = make();
    const adopt = (kept: Connection, dropped: Connection) => {
      stop();
      dropped.dispose();
      resolve(kept);
    };
    const stop = next.subscribe(() => {
      if (next.status === 'open') adopt(next, old);
      else if (next.status !== 'connecting') adopt(old, next);
    });
    next.connect({ userId });
  });

/** The simple way, for a quiet moment: getToken is asked again for each attempt. */
const reconnect = (connection: Connection, userId: string) => {
  connection.disconnect();
  connection.connect({ userId });
};

const getToken = vi.fn(() => new Promise<string>(() => {})); // a token that never comes: nothing is dialled
const make = () => createConnection({ url: 'wss://example.org', getToken });
const open = () => {
  const connection = make();
  connection.connect({ userId: 'ada' });
  connection.actor.send({ type: 'socket.opened' });
  return connection;
};

beforeEach(() => {
  vi.useFakeTimers();
  getToken.mockClear();
});
afterEach(() => vi.useRealTimers());

it('keeps the old connection until the new one is open', async () => {
  const old = open();
  let next = old;
  const renewed = renew(old, () => (next = make()), 'ada');
  expect([old.status, next.status]).toEqual(['open', 'connecting']);
  next.actor.send({ type: 'socket.opened' });
  expect(await renewed).toBe(next);
  expect([old.status, next.status]).toEqual(['idle', 'open']);
  next.dispose();
});

it('keeps the old connection when the new one does not open', async () => {
  const old = open();
  let next = old;
  const renewed = renew(old, () => (next = make()), 'ada');
  next.actor.send({ type: 'attempt.failed', cause: 'token' });
  expect(await renewed).toBe(old);
  expect([old.status, next.status]).toEqual(['open', 'idle']);
  old.dispose();
});

it('asks for a token again at a quiet moment', () => {
  const connection = open();
  reconnect(connection, 'ada');
  expect(connection.status).toBe('connecting');
  expect(getToken).toHaveBeenCalledTimes(2);
  connection.dispose();
});
