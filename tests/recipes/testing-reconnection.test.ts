import { createConnection } from 'statesocket';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('comes back after the connection was lost', () => {
  const never = () => new Promise<string>(() => {}); // a token that never comes: nothing is dialled
  const connection = createConnection({ url: 'wss://example.org', getToken: never, backoff: () => 3_000 });
  connection.connect({ userId: 'ada' });
  connection.actor.send({ type: 'socket.opened' });
  expect(connection.status).toBe('open');

  connection.actor.send({ type: 'socket.closed', code: 1006, reason: '', wasClean: false });
  expect(connection.status).toBe('backoff');
  vi.advanceTimersByTime(3_000);
  expect(connection.getSnapshot()).toMatchObject({ status: 'connecting', retryCount: 1 });
  connection.dispose();
});
