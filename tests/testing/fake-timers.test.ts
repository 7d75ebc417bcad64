import { createConnection } from 'statesocket';
import { createFakeServer } from 'statesocket/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const openConnection = () => {
  const server = createFakeServer();
  const connection = createConnection({
    url: 'wss://example.org',
    WebSocket: server.WebSocket,
    backoff: () => 3_000,
  });
  connection.connect({ userId: 'ada' });
  server.accepts();
  return { server, connection };
};

describe('under fake timers, as the recipe on testing says,', () => {
  it('an open connection always has one more timer: runAllTimers does not end', () => {
    const { connection } = openConnection();
    expect(() => vi.runAllTimers()).toThrow('10000 timers');
    expect(connection.status).toBe('open');
    connection.dispose();
  });

  it('time that is moved by hand leads through a reconnect, and dispose ends every timer', () => {
    const { server, connection } = openConnection();
    server.closes(1006);
    expect(connection.status).toBe('backoff');
    vi.advanceTimersByTime(3_000);
    server.accepts();
    expect(connection.status).toBe('open');
    vi.runOnlyPendingTimers();
    connection.dispose();
    // What was closed just now has 2 s to say so.
    vi.advanceTimersByTime(10_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
