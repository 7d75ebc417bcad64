import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { ADA, aGroup, aMessage, json, nothing, refusal, SESSION, TOKEN } from './support/fake-api.ts';
import { newMessage } from './support/new-message.ts';
import { bubbleTexts, openConnected, openRedNgift } from './support/open-redngift.tsx';

describe('WebSocketProvider', () => {
  it('initialises the client once the user is authenticated, and not before', async () => {
    let answer = (_: Response) => {};
    const session = new Promise<Response>((resolve) => {
      answer = resolve;
    });
    const { server, connection } = await openRedNgift({
      arrange: (api) => api.on('GET /api/session', () => session),
    });
    const connect = vi.spyOn(connection, 'connect');
    expect(server.sockets).toHaveLength(0);
    expect(connection.status).toBe('idle');

    await act(async () => answer(json(ADA)));
    expect(connect).toHaveBeenCalledWith({ userId: 'ada' });
    expect(connection.userId).toBe('ada');
    // StrictMode mounts it twice; that costs no second socket (I1).
    await waitFor(() => expect(server.sockets).toHaveLength(1));
    await act(async () => server.accepts());
    expect(connection.status).toBe('open');
    expect(server.sockets).toHaveLength(1);
  });

  it('dials nothing for a visitor who has not signed in', async () => {
    const { server } = await openRedNgift({ token: null });
    expect(screen.getByRole('button', { name: 'Sign in' })).toBeTruthy();
    expect(server.sockets).toHaveLength(0);
  });

  it('connects with the token that signing in gave', async () => {
    const { server, api } = await openRedNgift({ token: null });
    const user = userEvent.setup();
    await user.type(screen.getByLabelText('E-mail'), 'Ada@Demo.test');
    await user.type(screen.getByLabelText('Password'), 'demo-secret');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    await waitFor(() => expect(server.sockets).toHaveLength(1));
    expect(api.calls[0]).toEqual({
      call: 'POST /api/session',
      body: { email: 'ada@demo.test', password: 'demo-secret' },
      token: null,
    });
    expect(localStorage.accessToken).toBe(TOKEN);
    expect(server.latest.url).toContain(`/connect/ticket-for-${TOKEN}/`);
  });

  it('names a message type that nobody knows, and keeps the connection', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { sends, connection } = await openConnected();
    await sends({ type: 'SNOW_FORECAST' });
    expect(logged.mock.calls.map((line) => line.join(' '))).toEqual(['Unknown message type: SNOW_FORECAST']);
    expect(connection.status).toBe('open');
  });
});

describe('logout through the guard', () => {
  it('ends in loggedOut, closes the socket, empties the slices and revokes the token', async () => {
    const { server, api, store, connection, sends } = await openConnected();
    await sends(
      { type: 'USER_ONLINE', userId: 'ben' },
      { type: 'NEW_MESSAGE', id: '1', payload: aMessage(), sender: 'Ben' },
    );
    // A bridge hands on what comes while a frame is under way at its end.
    await waitFor(() => expect(store.getState().presence).toEqual({ ben: { online: true } }));
    expect(await screen.findByText('New message from Ben')).toBeTruthy();

    await userEvent.click(screen.getByRole('button', { name: 'Log out' }));
    expect(screen.getByRole('button', { name: 'Sign in' })).toBeTruthy();
    expect(connection.status).toBe('loggedOut');
    expect(server.latest.closedWith).toEqual({ code: 1000 });
    expect(localStorage.accessToken).toBeUndefined();
    expect(api.calls.at(-1)).toMatchObject({ call: 'DELETE /api/session', token: TOKEN });
    await waitFor(() => {
      const leaving = screen.queryByText('New message from Ben');
      // jsdom plays no animation, so a toast that leaves has to be told when it has left.
      if (leaving !== null) fireEvent.animationEnd(leaving);
      expect(leaving).toBeNull();
    });
    const { chat, groups, invitations, presence, typing, connection: mirrored } = store.getState();
    expect(chat).toEqual({
      conversations: [],
      conversationsLoad: 'unloaded',
      messages: {},
      messagesLoad: {},
      earlierLoad: {},
      onScreen: null,
      drafts: {},
    });
    expect({ groups, invitations, presence, typing }).toEqual({
      groups: { groups: [], load: 'unloaded' },
      invitations: [],
      presence: {},
      typing: {},
    });
    expect(mirrored.status).toBe('loggedOut');
  });

  it('lets no answer for the last user into the store of the next (I14)', async () => {
    let answer = (_: Response) => {};
    const slow = new Promise<Response>((resolve) => {
      answer = resolve;
    });
    const { store } = await openConnected({ arrange: (api) => api.on('GET /api/groups', () => slow) });
    await userEvent.click(screen.getByRole('button', { name: 'Log out' }));
    await act(async () => answer(json([aGroup()])));
    expect(store.getState().groups.groups).toEqual([]);
  });
});

describe('presence', () => {
  it('is what the server said last, also where somebody comes and goes within a frame', async () => {
    const { store, sends } = await openConnected();
    const comes = { type: 'USER_ONLINE', userId: 'ben' };
    const goes = { type: 'USER_OFFLINE', userId: 'ben' };
    await sends(goes, comes, goes, comes, goes);
    await waitFor(() => expect(store.getState().presence).toEqual({ ben: { online: false } }));
    await sends(comes, goes, comes, goes, comes);
    await waitFor(() => expect(store.getState().presence).toEqual({ ben: { online: true } }));
  });
});

describe('a refused token', () => {
  const EXPIRED = 'Your session has expired. Please sign in again.';
  const signsInAgain = async () => {
    await userEvent.type(screen.getByLabelText('E-mail'), ADA.email);
    await userEvent.type(screen.getByLabelText('Password'), 'demo-secret');
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  };

  it('leads to the sign-in with a word on why, shows nothing of the account, and gives back what was typed', async () => {
    const { server, connection, store } = await openConnected({ path: '/conversations/with-ben' });
    await userEvent.type(screen.getByRole('textbox', { name: 'Message' }), 'half a thought');
    await act(async () => server.closes(4401));
    // The token is read afresh, in case another tab has signed in; the server refuses it again.
    expect(connection.status).toBe('connecting');
    expect(server.sockets).toHaveLength(2);
    await act(async () => server.closes(4401));
    expect(screen.getByRole('button', { name: 'Sign in' })).toBeTruthy();
    // Once, on the page: a toast would say it again, over what is to be pressed.
    expect(screen.getAllByText(EXPIRED).map((words) => words.getAttribute('role'))).toEqual(['alert']);
    expect(document.body.textContent).not.toMatch(/Ada|Ben|Office party|half a thought/);
    expect(store.getState()).toMatchObject({
      chat: { conversations: [], drafts: {} },
      groups: { groups: [] },
    });
    expect(localStorage.accessToken).toBeUndefined();
    expect(connection.status).toBe('idle');

    await signsInAgain();
    const box = await screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'Message' });
    expect(box.value).toBe('half a thought');
    expect(screen.queryByText(EXPIRED)).toBeNull();
  });

  it('gives what was typed to nobody else', async () => {
    const { server, api, store } = await openConnected({ path: '/conversations/with-ben' });
    await userEvent.type(screen.getByRole('textbox', { name: 'Message' }), 'half a thought');
    await act(async () => server.closes(4401));
    await act(async () => server.closes(4401));
    api.on('POST /api/session', () => json({ ...SESSION, user: { ...ADA, id: 'cleo', name: 'Cleo' } }));
    await signsInAgain();
    expect(await screen.findByText('Cleo')).toBeTruthy();
    expect(store.getState().chat.drafts).toEqual({});
  });

  it('of a call over HTTP leads there too', async () => {
    const { api, connection } = await openConnected();
    api.on('GET /api/groups/office', () => refusal(401, 'Please sign in.'));
    await userEvent.click(screen.getByRole('link', { name: /Office party.*members/ }));
    expect(await screen.findByText(EXPIRED)).toBeTruthy();
    expect(document.body.textContent).not.toContain('Office party');
    expect(connection.status).toBe('idle');
  });

  it('of whoever signed out before ends no session of the next', async () => {
    let answer = (_: Response) => {};
    const { api, connection } = await openConnected({
      arrange: (fake) =>
        fake.on(
          'DELETE /api/session',
          () =>
            new Promise<Response>((resolve) => {
              answer = resolve;
            }),
        ),
    });
    vi.spyOn(console, 'warn').mockReturnValue(undefined);
    await userEvent.click(screen.getByRole('button', { name: 'Log out' }));
    api.on('POST /api/session', () => json({ ...SESSION, accessToken: 'another-token' }));
    await signsInAgain();
    await act(async () => answer(refusal(401, 'Please sign in.')));
    expect(screen.queryByText(EXPIRED)).toBeNull();
    expect(localStorage.accessToken).toBe('another-token');
    expect(connection.userId).toBe('ada');
  });

  it('at the start leads to the sign-in with that word, and is forgotten', async () => {
    const { server } = await openRedNgift({
      arrange: (api) => api.on('GET /api/session', () => refusal(401, 'Please sign in.')),
    });
    expect(screen.getByRole('button', { name: 'Sign in' })).toBeTruthy();
    expect(screen.getByText(EXPIRED)).toBeTruthy();
    expect(localStorage.accessToken).toBeUndefined();
    expect(server.sockets).toHaveLength(0);
  });
});

describe('the state of the page', () => {
  const MESSAGES = 'GET /api/conversations/with-ben/messages';

  it('is loaded again after the log is first resumed: what came between page and log is not missed', async () => {
    const { api, opens } = await openRedNgift({ path: '/conversations/with-ben' });
    expect(await screen.findByText('You drew Ben!')).toBeTruthy();
    const groups = api.times('GET /api/groups');
    const messages = api.times(MESSAGES);
    api.on(MESSAGES, () => json([aMessage({ text: 'You nearly missed this' })]));
    await opens();
    await waitFor(() => expect(bubbleTexts()).toEqual(['You nearly missed this']));
    expect(api.times('GET /api/groups')).toBe(groups + 1);
    expect(api.times(MESSAGES)).toBe(messages + 1);
  });

  it('of the lists alone is loaded again where the log brings what was missed', async () => {
    const { api, opens, loses, sends, server } = await openConnected({ path: '/conversations/with-ben' });
    await waitFor(() => expect(server.received).toContainEqual({ type: 'ACK', messageId: '0' }));
    const calls = api.calls.length;
    await loses();
    await waitFor(() => expect(server.sockets).toHaveLength(2));
    await sends(newMessage({ text: 'You missed this' }));
    await opens();
    await waitFor(() => expect(bubbleTexts()).toEqual(['You missed this']));
    const fetched = api.calls.slice(calls).map(({ call }) => call);
    expect(fetched.filter((call) => call.startsWith('GET'))).toEqual([
      'GET /api/groups',
      'GET /api/invitations',
      'GET /api/conversations',
    ]);
  });

  it('is loaded again before anything comes where messages are gone for good; a failed load is said and repeated', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { api, opens, loses, sends, server, store } = await openConnected({
      path: '/conversations/with-ben',
    });
    await sends(newMessage({ conversationId: 'with-santa' }), newMessage({ text: 'before' }));
    await waitFor(() => expect(bubbleTexts()).toEqual(['before']));
    await loses();
    await waitFor(() => expect(server.sockets).toHaveLength(2));
    await sends(newMessage({ text: 'never comes over the socket' }));
    server.forgets();
    api.on(MESSAGES, () => refusal(500, 'Not now.'));
    await opens();
    await sends(newMessage({ text: 'after' }));
    expect(await screen.findByText('What you missed could not be loaded. Trying again…')).toBeTruthy();
    expect(logged.mock.calls.map(([, error]) => error?.code)).toEqual(['reload-failed']);
    expect(bubbleTexts()).toEqual(['before']);
    // A page with a hole is worth nothing.
    expect(store.getState().chat.messages['with-santa']).toBeUndefined();

    const missed = newMessage({ text: 'never comes over the socket', sentAt: 1_900_000_000_000 });
    api.on(MESSAGES, () => json([missed.payload]));
    await act(() => vi.advanceTimersByTimeAsync(10_000));
    await act(async () => void server.resumes());
    await waitFor(() => expect(bubbleTexts()).toEqual(['never comes over the socket']));
    expect(screen.queryByText(/could not be loaded/)).toBeNull();
  });

  it('that names a chat of somebody else in its address is loaded all the same', async () => {
    const { server, sends } = await openConnected({ path: '/conversations/of-somebody-else' });
    await waitFor(() => expect(server.received).toContainEqual({ type: 'ACK', messageId: '0' }));
    await sends({ type: 'GROUP_UPDATED', groupId: 'office' });
    expect(await screen.findByText('Group updated')).toBeTruthy();
  });
});

describe('each time the connection closes', () => {
  it('presence and typing go', async () => {
    const { store, sends, loses } = await openConnected({ path: '/conversations/with-ben' });
    await sends({ type: 'USER_ONLINE', userId: 'ben' }, { type: 'TYPING', conversationId: 'with-ben' });
    expect(await screen.findByText('Online')).toBeTruthy();
    expect(screen.getByText('Ben is typing…')).toBeTruthy();
    await loses();
    expect(store.getState().presence).toEqual({});
    expect(store.getState().typing).toEqual({});
    expect(screen.queryByText('Online')).toBeNull();
    expect(screen.queryByText('Ben is typing…')).toBeNull();
  });
});

describe('signing out everywhere', () => {
  const ask = async () => {
    HTMLDialogElement.prototype.showModal = function () {
      this.open = true;
    };
    await userEvent.click(screen.getByRole('button', { name: 'Sign out everywhere' }));
    await userEvent.click(screen.getByRole('button', { name: 'Sign out on all devices' }));
  };

  it('revokes every token, and ends here as a logout does', async () => {
    const { api, connection } = await openConnected();
    await ask();
    expect(await screen.findByLabelText('E-mail')).toBeTruthy();
    expect(api.calls.at(-1)).toMatchObject({ call: 'DELETE /api/sessions', token: TOKEN });
    expect(connection.status).toBe('loggedOut');
    expect(localStorage.accessToken).toBeUndefined();
  });

  it('says so when the server did not do it, and signs nobody out', async () => {
    const { connection } = await openConnected({
      arrange: (api) => api.on('DELETE /api/sessions', () => refusal(503, 'Please try again.')),
    });
    await ask();
    expect((await screen.findByText('Please try again.')).getAttribute('role')).toBe('alert');
    expect(connection.status).toBe('open');
    expect(localStorage.accessToken).toBe(TOKEN);
  });
});

describe('another tab', () => {
  const isTold = (newValue: string | null) =>
    act(async () => dispatchEvent(new StorageEvent('storage', { key: 'accessToken', newValue })));

  it('whose session has expired takes this one along, and deletes nothing that waits', async () => {
    const { connection, loses } = await openConnected();
    await loses();
    connection.send({ type: 'SEND_MESSAGE', conversationId: 'with-ben', text: 'still here' });
    localStorage.setItem('sessionExpired', 'true');
    localStorage.removeItem('accessToken');
    await isTold(null);
    expect(screen.getByText('Your session has expired. Please sign in again.')).toBeTruthy();
    expect(connection.status).toBe('idle');

    localStorage.removeItem('sessionExpired');
    localStorage.setItem('accessToken', 'another-token');
    await isTold('another-token');
    await waitFor(() =>
      expect(connection.outbox.entries).toMatchObject([{ message: { text: 'still here' } }]),
    );
  });

  it('that signs out takes this one with it', async () => {
    const { connection } = await openConnected();
    localStorage.removeItem('accessToken');
    await act(async () => dispatchEvent(new StorageEvent('storage', { key: 'accessToken', newValue: null })));
    expect(screen.getByRole('button', { name: 'Sign in' })).toBeTruthy();
    expect(connection.status).toBe('loggedOut');
  });

  it('that signs in as somebody else makes this one theirs, and nothing of before is shown', async () => {
    const { api, connection, server } = await openConnected();
    api.on('GET /api/session', () => json({ id: 'cleo', name: 'Cleo', email: 'cleo@demo.test' }));
    api.on('GET /api/groups', () => json([]));
    api.on('DELETE /api/session', nothing);
    localStorage.setItem('accessToken', 'token-of-cleo');
    await act(async () => dispatchEvent(new StorageEvent('storage', { key: 'accessToken' })));
    await waitFor(() => expect(connection.userId).toBe('cleo'));
    expect(within(screen.getByRole('banner')).getByText('Cleo')).toBeTruthy();
    expect(screen.queryByRole('link', { name: /Office party.*members/ })).toBeNull();
    expect(server.latest.url).toContain('/connect/ticket-for-token-of-cleo/');
    expect(server.live).toHaveLength(1);
  });
});
