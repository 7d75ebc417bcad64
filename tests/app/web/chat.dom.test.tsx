import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { scheduleFrame } from '../../../src/actors/frame-scheduler.ts';
import { aMessage, json, refusal, WITH_BEN } from './support/fake-api.ts';
import { newMessage } from './support/new-message.ts';
import { bubbles, bubbleTexts, messageBox, openConnected, openRedNgift } from './support/open-redngift.tsx';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const CHAT = '/conversations/with-ben';

const commands = (frames: readonly unknown[], type: string) =>
  frames.filter((frame): frame is Record<string, unknown> => (frame as { type?: string }).type === type);

/** What the bridge still owed this frame is done: the next message is told at once. */
const aFrame = () => act(() => new Promise<void>((resolve) => scheduleFrame(() => setTimeout(resolve))));

describe('a text', () => {
  it('goes out with a key, and stays one bubble when its echo comes back, and when that comes twice', async () => {
    const { server, sends, receipts } = await openConnected({ path: CHAT });
    await userEvent.type(messageBox(), 'Tea or coffee?{Enter}');
    await waitFor(() => expect(commands(server.received, 'SEND_MESSAGE')).toHaveLength(1));
    const [command] = commands(server.received, 'SEND_MESSAGE');
    expect(command).toEqual({
      type: 'SEND_MESSAGE',
      conversationId: 'with-ben',
      text: 'Tea or coffee?',
      clientId: expect.stringMatching(UUID),
      n: 1,
      key: expect.stringMatching(UUID),
    });
    expect(messageBox().value).toBe('');
    expect(bubbleTexts()).toEqual(['Tea or coffee?']);
    const [bubble] = bubbles();
    expect(bubble?.textContent).toContain('Sending…');

    await receipts();
    expect(bubbleTexts()).toEqual(['Tea or coffee?']);
    expect(bubble?.textContent).not.toContain('Sending…');
    const echo = newMessage({ mine: true, text: 'Tea or coffee?', key: String(command?.key) });
    await sends(echo);
    await sends(echo);
    expect(bubbleTexts()).toEqual(['Tea or coffee?']);
    expect(bubbles()).toEqual([bubble]);
  });

  it('half written is still there after a look elsewhere', async () => {
    await openConnected({ path: CHAT });
    await userEvent.type(messageBox(), 'I wanted to');
    await userEvent.click(screen.getByRole('link', { name: /Your Secret Santa/ }));
    expect(messageBox().value).toBe('');
    await userEvent.click(screen.getByRole('link', { name: /^Ben/ }));
    expect(messageBox().value).toBe('I wanted to');
  });

  it('of several lines is written with Shift and Enter; blanks alone are not sent', async () => {
    const { server } = await openConnected({ path: CHAT });
    await userEvent.type(messageBox(), '   {Enter}');
    expect(commands(server.received, 'SEND_MESSAGE')).toEqual([]);
    await userEvent.clear(messageBox());
    await userEvent.type(messageBox(), 'one{Shift>}{Enter}{/Shift}two{Enter}');
    await waitFor(() => expect(commands(server.received, 'SEND_MESSAGE')).toHaveLength(1));
    expect(commands(server.received, 'SEND_MESSAGE')).toMatchObject([{ text: 'one\ntwo' }]);
  });

  it('that the server rejects is told in its words', async () => {
    const { sends } = await openConnected({ path: CHAT });
    await sends({ type: 'COMMAND_REJECTED', key: null, reason: 'This chat is closed.' });
    expect(await screen.findByText('This chat is closed.')).toBeTruthy();
  });
});

describe('a message from the other side', () => {
  it('shows in the open chat without a toast, and is reported as read', async () => {
    const { api, sends } = await openConnected({ path: CHAT });
    await sends(newMessage({ text: 'Coffee!' }));
    expect(bubbleTexts()).toEqual(['Coffee!']);
    await waitFor(() => expect(api.times('POST /api/conversations/with-ben/read')).toBe(1));
    expect(screen.queryByText(/^New message from/)).toBeNull();
    expect(screen.queryByText('unread')).toBeNull();
  });

  it('toasts and counts as unread elsewhere; further ones raise the count of the same toast', async () => {
    const { sends } = await openConnected();
    await sends(newMessage());
    expect(await screen.findByText('New message from Ben')).toBeTruthy();
    await sends(newMessage(), newMessage());
    expect(await screen.findByText('New message from Ben (3)')).toBeTruthy();
    expect(screen.queryByText('New message from Ben')).toBeNull();
    expect(screen.getByRole('link', { name: /Ben.*3 ?unread/ })).toBeTruthy();
    expect(document.title).toBe('(3) Home · RednGift');

    await userEvent.click(screen.getByRole('link', { name: /Ben.*3 ?unread/ }));
    expect(screen.queryByRole('link', { name: /unread/ })).toBeNull();
    expect(document.title).toBe('Ben · RednGift');
  });

  it('toasts and counts while the page is hidden, though its chat is open', async () => {
    const { sends, store } = await openConnected({ path: CHAT });
    const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    act(() => {
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await sends(newMessage());
    expect(await screen.findByText('New message from Ben')).toBeTruthy();
    expect(store.getState().chat.conversations[0]?.unreadCount).toBe(1);
    visibility.mockRestore();
    act(() => {
      document.dispatchEvent(new Event('visibilitychange'));
    });
    expect(store.getState().chat.conversations[0]?.unreadCount).toBe(0);
  });

  it('that is the own echo, from another tab say, neither toasts nor counts', async () => {
    const { sends, store } = await openConnected();
    await sends(newMessage({ mine: true }));
    await sends({ type: 'GROUP_UPDATED', id: 'g', groupId: 'office' });
    expect(await screen.findByText('Group updated')).toBeTruthy();
    expect(screen.queryByText(/^New message from/)).toBeNull();
    expect(store.getState().chat.conversations[0]).toMatchObject({
      unreadCount: 0,
      lastMessage: { mine: true },
    });
  });

  it('of a chat that is not known yet has the chats fetched', async () => {
    const { api, sends } = await openConnected();
    const before = api.times('GET /api/conversations');
    await sends(newMessage({ conversationId: 'brand-new' }));
    expect(api.times('GET /api/conversations')).toBe(before + 1);
  });
});

describe('typing', () => {
  it('is told once a second, and shown for 4 s after the last the partner told', async () => {
    const { server, sends } = await openConnected({ path: CHAT });
    fireEvent.change(messageBox(), { target: { value: 'h' } });
    fireEvent.change(messageBox(), { target: { value: 'hi' } });
    expect(commands(server.received, 'TYPING')).toEqual([{ type: 'TYPING', conversationId: 'with-ben' }]);

    vi.useFakeTimers();
    await sends({ type: 'TYPING', conversationId: 'with-ben' });
    await act(() => vi.advanceTimersByTimeAsync(3_000));
    await sends({ type: 'TYPING', conversationId: 'with-ben' });
    await act(() => vi.advanceTimersByTimeAsync(3_900));
    expect(screen.getByText('Ben is typing…')).toBeTruthy();
    await act(() => vi.advanceTimersByTimeAsync(200));
    expect(screen.queryByText('Ben is typing…')).toBeNull();
  });

  it('ends with the message it led to', async () => {
    const { sends } = await openConnected({ path: CHAT });
    await sends({ type: 'TYPING', conversationId: 'with-ben' });
    expect(screen.getByText('Ben is typing…')).toBeTruthy();
    await sends(newMessage());
    expect(screen.queryByText('Ben is typing…')).toBeNull();
  });
});

describe('presence', () => {
  it('of those who are online already is there with the connection, and nobody else stays', async () => {
    const { server, sends, loses } = await openRedNgift({ path: CHAT });
    const opens = (online: string[]) =>
      act(async () => {
        server.accepts();
        server.welcomes();
        server.resumes({ online });
      });
    await opens(['ben']);
    expect(await screen.findByText('Online')).toBeTruthy();
    await loses();
    await waitFor(() => expect(server.sockets).toHaveLength(2));
    await opens([]);
    await sends({ type: 'USER_ONLINE', userId: 'dan' });
    expect(screen.queryByText('Online')).toBeNull();
  });

  it('shows for the person one gives to, and never for the Secret Santa (I14)', async () => {
    const { sends, store } = await openConnected({ path: CHAT });
    await sends({ type: 'USER_ONLINE', userId: 'ben' });
    expect(await screen.findByText('Online')).toBeTruthy();
    await aFrame();
    await sends({ type: 'USER_OFFLINE', userId: 'ben' });
    expect(screen.queryByText('Online')).toBeNull();
    await userEvent.click(screen.getByRole('link', { name: /Your Secret Santa/ }));
    await aFrame();
    await sends({ type: 'USER_ONLINE', userId: 'dan' });
    expect(store.getState().presence.dan).toEqual({ online: true });
    expect(screen.queryByText('Online')).toBeNull();
  });
});

describe('a chat', () => {
  it('says what it is for before the first message', async () => {
    await openConnected({ path: CHAT });
    expect(await screen.findByText('You drew Ben!')).toBeTruthy();
  });

  it('of somebody else, or that does not exist, is not shown', async () => {
    await openConnected({ path: '/conversations/of-somebody-else' });
    expect(await screen.findByRole('heading', { name: 'This chat is not yours' })).toBeTruthy();
  });

  it('whose messages cannot be loaded says so, and loads them on request', async () => {
    const { api } = await openConnected({
      path: CHAT,
      arrange: (server) =>
        server.on('GET /api/conversations/with-ben/messages', () => refusal(500, 'Broken.')),
    });
    await screen.findByText(/This could not be loaded/);
    api.on('GET /api/conversations/with-ben/messages', () => json([aMessage({ text: 'Found again' })]));
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Found again')).toBeTruthy();
  });

  it('begins with its last hundred messages, and shows all that come before on request, page by page', async () => {
    const path = 'GET /api/conversations/with-ben/messages';
    const page = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) =>
        aMessage({
          id: `m${from + index}`,
          text: `${from + index}`,
          sentAt: 1_800_000_000_000 + from + index,
        }),
      );
    const { api, sends } = await openConnected({
      path: CHAT,
      arrange: (server) => {
        server.on(path, () => json(page(130, 100)));
        server.on(`${path}?before=m130`, () => json(page(30, 100)));
        server.on(`${path}?before=m30`, () => refusal(500, 'Broken.'));
      },
    });
    await waitFor(() => expect(bubbleTexts()).toHaveLength(100));
    const earlier = () => screen.getByText('Show earlier messages');
    await userEvent.click(earlier());
    await waitFor(() => expect(bubbleTexts()).toHaveLength(200));
    await sends(newMessage({ text: 'news', sentAt: 1_900_000_000_000 }));
    await userEvent.click(earlier());
    expect(await screen.findByText(/^Earlier messages could not be loaded/)).toBeTruthy();
    api.on(`${path}?before=m30`, () => json(page(0, 30)));
    await userEvent.click(earlier());
    await waitFor(() =>
      expect(bubbleTexts()).toEqual([...Array.from({ length: 230 }, (_, index) => `${index}`), 'news']),
    );
    expect(screen.queryByText('Show earlier messages')).toBeNull();
  });

  it('shows messages as text, whatever they hold', async () => {
    const { sends } = await openConnected({ path: CHAT });
    await sends(newMessage({ text: '<img src=x onerror=alert(1)>' }));
    expect(bubbleTexts()).toEqual(['<img src=x onerror=alert(1)>']);
  });

  it('list is newest first', async () => {
    const { sends } = await openConnected();
    await sends(newMessage({ conversationId: 'with-santa', text: 'ho ho' }));
    const titles = within(screen.getByRole('region', { name: 'Chats' }))
      .getAllByRole('link')
      .map((link) => link.querySelector('.nav-item-title')?.textContent);
    expect(titles).toEqual(['Your Secret Santa', WITH_BEN.title]);
  });
});
