import { act, render } from '@testing-library/react';
import { StrictMode } from 'react';
import { createConnection, linearBackoff } from 'statesocket';
import { ConnectionProvider } from 'statesocket/react';
import { createFakeServer } from 'statesocket/testing';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';

let warn: MockInstance<typeof console.warn>;
beforeEach(() => {
  warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
});

type Users = Readonly<Record<string, string | number | null>>;

/** A page with a provider per name, all of one connection. A name that is left out is unmounted. */
const setUp = () => {
  const server = createFakeServer();
  const connection = createConnection({
    url: 'wss://redngift.test/connect/',
    WebSocket: server.WebSocket,
    backoff: linearBackoff({ stepMs: 60_000 }),
  });
  const logout = vi.spyOn(connection, 'logout');
  const disconnect = vi.spyOn(connection, 'disconnect');
  const page = (users: Users) => (
    <StrictMode>
      {Object.entries(users).map(([name, userId]) => (
        <ConnectionProvider key={name} connection={connection} userId={userId} />
      ))}
    </StrictMode>
  );
  let view: ReturnType<typeof render> | null = null;
  const shows = async (users: Users): Promise<void> => {
    await act(async () => {
      if (view === null) view = render(page(users));
      else view.rerender(page(users));
    });
    // StrictMode holds, lets go and holds again.
    await act(async () => {});
  };
  return { server, connection, logout, disconnect, shows };
};

const warnings = () => warn.mock.calls.map(([text]) => String(text).split(':')[1]?.trim());

describe('several providers on one connection', () => {
  it.each([
    ['before', { guest: null, member: 'ada' }],
    ['after', { member: 'ada', guest: null }],
  ])(
    'one without a user, mounted %s, leaves the other’s user signed in, without a warning',
    async (_when, users) => {
      const { server, connection, logout, shows } = setUp();
      await shows(users);
      server.accepts();
      await shows({ ...users });
      expect(connection.status).toBe('open');
      expect(server.sockets).toHaveLength(1);
      expect(logout).not.toHaveBeenCalled();
      expect(warn).not.toHaveBeenCalled();
    },
  );

  it('everybody signs out at once: one logout, no warning', async () => {
    const { server, connection, logout, shows } = setUp();
    await shows({ header: 'ada', chat: 'ada' });
    server.accepts();
    await shows({ header: null, chat: null });
    expect(connection.status).toBe('loggedOut');
    expect(logout).toHaveBeenCalledOnce();
    expect(warn).not.toHaveBeenCalled();
  });

  it('one whose user goes away is overruled by one that still names it, and that is told once', async () => {
    const { server, connection, logout, shows } = setUp();
    await shows({ header: 'ada', chat: 'ada' });
    server.accepts();
    await shows({ header: null, chat: 'ada' });
    expect(connection.status).toBe('open');
    await shows({ header: 'ada', chat: 'ada' });
    await shows({ header: null, chat: 'ada' });
    expect(logout).not.toHaveBeenCalled();
    expect(warnings()).toEqual(['providers-disagree']);
    expect(warn.mock.calls.join()).not.toContain('ada');
    await shows({ header: null, chat: null });
    expect(connection.status).toBe('loggedOut');
  });

  it('of two users the one named last is served, and that is told once', async () => {
    const { server, connection, shows } = setUp();
    await shows({ header: 'ada', chat: 'bob' });
    expect(connection.userId).toBe('bob');
    await shows({ header: 'cleo', chat: 'bob' });
    expect(connection.userId).toBe('cleo');
    expect(warnings()).toEqual(['providers-disagree']);
    await shows({ chat: 'bob' });
    expect(connection.userId).toBe('bob');
    expect(server.live.length).toBeLessThanOrEqual(1);
  });

  it('all change to another user in one commit: one change, no warning', async () => {
    const { server, connection, shows } = setUp();
    await shows({ header: 'ada', chat: 'ada' });
    server.accepts();
    await shows({ header: 'bob', chat: 'bob' });
    expect(connection.userId).toBe('bob');
    expect(server.sockets).toHaveLength(2);
    expect(warn).not.toHaveBeenCalled();
  });

  it('7 and "7" are one user', async () => {
    const { server, shows } = setUp();
    await shows({ header: 7, chat: '7' });
    expect(server.sockets).toHaveLength(1);
    expect(warn).not.toHaveBeenCalled();
  });

  it('the last that names a user unmounts: disconnected, not logged out, though one without a user stays', async () => {
    const { server, connection, logout, shows } = setUp();
    await shows({ guest: null, chat: 'ada', toasts: 'ada' });
    server.accepts();
    await shows({ guest: null, toasts: 'ada' });
    expect(connection.status).toBe('open');
    await shows({ guest: null });
    expect(connection.status).toBe('idle');
    expect(logout).not.toHaveBeenCalled();
  });

  it('one that moves within a commit keeps the socket', async () => {
    const { server, connection, disconnect, shows } = setUp();
    await shows({ old: 'ada', guest: null });
    server.accepts();
    await shows({ new: 'ada', guest: null });
    expect(connection.status).toBe('open');
    expect(server.sockets).toHaveLength(1);
    expect(disconnect).not.toHaveBeenCalled();
  });

  it('a second one of the same user does not dial a failed connection', async () => {
    const { server, connection, shows } = setUp();
    await shows({ header: 'ada' });
    server.accepts();
    await act(async () => server.closes(4403));
    await shows({ header: 'ada', chat: 'ada' });
    expect(connection.status).toBe('failed');
    expect(server.sockets).toHaveLength(1);
  });
});
