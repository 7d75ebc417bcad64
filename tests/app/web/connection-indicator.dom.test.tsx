import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { openConnected, openRedNgift } from './support/open-redngift.tsx';

const indicator = () => {
  const region = screen.getByRole('status', { name: 'Connection' });
  return { status: region.dataset.status, words: region.textContent };
};
const passes = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

describe('the connection indicator', () => {
  it('follows connecting, open, backoff with its countdown, and idle', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const { server, connection } = await openRedNgift();
    expect(indicator()).toEqual({ status: 'connecting', words: 'Connecting…' });
    await act(async () => server.accepts());
    expect(indicator()).toEqual({ status: 'open', words: 'Connected.' });
    expect(screen.queryByRole('timer')).toBeNull();

    await act(async () => server.closes(1006));
    await passes(1);
    await act(async () => server.refuses());
    expect(indicator()).toEqual({ status: 'backoff', words: 'Connection lost. Trying again (2 of 20).' });
    expect(screen.getByRole('timer').textContent).toMatch(/^Next try in (10|9) s$/);
    await passes(4_000);
    expect(screen.getByRole('timer').textContent).toMatch(/^Next try in [56] s$/);

    act(() => connection.disconnect());
    expect(indicator()).toEqual({ status: 'idle', words: 'Not connected.' });
    act(() => connection.logout());
    expect(indicator()).toEqual({ status: 'loggedOut', words: 'Signed out.' });
  });

  it('speaks of no sign-in where the server is away, and writes no error of ours on the console', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    await openRedNgift({
      arrange: (api) => api.on('POST /api/ticket', () => Promise.reject(new TypeError('Failed to fetch'))),
    });
    await screen.findByText('Connection lost. Trying again (2 of 20).');
    expect(logged).not.toHaveBeenCalled();
  });

  it('says what the server said when it closed', async () => {
    const { server } = await openConnected();
    await act(async () => server.closes(1013));
    expect(indicator()).toEqual({ status: 'backoff', words: 'The server is busy. Trying again (1 of 20).' });
  });

  it.each([
    [4400, 'This app and the server do not understand each other.'],
    [4403, 'This is not allowed.'],
    [4409, 'The connection was taken over elsewhere.'],
  ])('says why the server turned it away with %i, and asks nobody to sign in again', async (code, words) => {
    const { server, connection } = await openConnected();
    await act(async () => server.closes(code));
    expect(connection.getSnapshot().failure).toBe('rejected');
    expect(indicator()).toEqual({ status: 'failed', words });
    expect(await screen.findAllByText(words)).toHaveLength(2); // here and in a toast
    expect(screen.queryByText(/session has expired/)).toBeNull();
    expect(screen.queryByRole('button', { name: 'Sign in again' })).toBeNull();
    expect(screen.getByRole('button', { name: 'Reconnect now' })).toBeTruthy();
  });

  it('"Reconnect now" dials at once, in backoff and after all retries', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
    const { server } = await openConnected();
    expect(screen.queryByRole('button', { name: 'Reconnect now' })).toBeNull();
    await act(async () => server.closes(1006));
    await passes(1);
    await act(async () => server.refuses());
    const dialled = server.sockets.length;
    await user.click(screen.getByRole('button', { name: 'Reconnect now' }));
    expect(server.sockets).toHaveLength(dialled + 1);

    for (let retry = 2; retry <= 20; retry += 1) {
      await act(async () => server.refuses());
      await passes(200_000);
    }
    await act(async () => server.refuses());
    expect(indicator()).toEqual({
      status: 'failed',
      words: 'The server did not respond in time. Gave up after 20 retries.',
    });
    expect(await screen.findByText('Unable to connect to real-time server.')).toBeTruthy();

    await user.click(screen.getByRole('button', { name: 'Reconnect now' }));
    await act(async () => server.accepts());
    expect(indicator()).toEqual({ status: 'open', words: 'Connected.' });
  });
});
