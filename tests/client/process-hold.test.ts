import { createConnection } from 'statesocket';
import { createFakeServer } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';

/** A clock that gives handles as Node does: a timer holds the process unless it was let go. */
const nodeLikeClock = () => {
  const pending = new Set<{ holds: boolean }>();
  const setTimeout = () => {
    const timer = {
      holds: true,
      ref() {
        timer.holds = true;
      },
      unref() {
        timer.holds = false;
      },
    };
    pending.add(timer);
    return timer as unknown as number;
  };
  return {
    clock: {
      now: () => 0,
      setTimeout,
      clearTimeout: (timer: unknown) => void pending.delete(timer as { holds: boolean }),
    },
    /** How many timers are pending, and how many of them hold the process. */
    timers: () => ({
      pending: pending.size > 0,
      held: [...pending].some(({ holds }) => holds),
    }),
  };
};

const setUp = () => {
  const server = createFakeServer();
  const { clock, timers } = nodeLikeClock();
  const connection = createConnection({
    url: 'wss://a.test/',
    WebSocket: server.WebSocket,
    clock,
    maxRetries: 1,
  });
  connection.connect({ userId: 'ada' });
  return { server, connection, timers };
};

describe('a Node process', () => {
  it('stays alive while the connection is wanted: it dials, is open, or waits for the next attempt', () => {
    const { server, connection, timers } = setUp();
    expect(timers().held).toBe(true);
    server.accepts();
    expect(timers().held).toBe(true);
    server.closes(1006);
    expect(connection.status).toBe('backoff');
    expect(timers().held).toBe(true);
  });

  it.each([
    ['disconnect()', 'disconnect', 'idle'],
    ['logout()', 'logout', 'loggedOut'],
  ] as const)('may end after %s, though a refund of an attempt is still due', (_, call, status) => {
    const { connection, timers } = setUp();
    connection[call]();
    expect(connection.status).toBe(status);
    expect(timers()).toEqual({ pending: true, held: false });
    connection.connect({ userId: 'ada' });
    expect(timers().held).toBe(true);
  });

  it('may end when the connection has failed', () => {
    const { server, connection, timers } = setUp();
    server.accepts();
    server.closes(4403);
    expect(connection.status).toBe('failed');
    expect(timers()).toEqual({ pending: true, held: false });
  });
});
