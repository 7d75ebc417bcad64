import { File } from 'node:buffer';
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeImageFrame, encodeImageFrame } from '../../../app/contract/image-frame.ts';
import { aMessage, json, refusal, TOKEN, WITH_BEN } from './support/fake-api.ts';
import { messageBox, messagesList, openConnected } from './support/open-redngift.tsx';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const CHAT = '/conversations/with-ben';
const IMAGE = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);

let nextId = 0;
beforeEach(() => {
  nextId = 0;
});

const newMessage = (over: Parameters<typeof aMessage>[0] = {}) => {
  nextId += 1;
  const payload = aMessage({ id: `message-${nextId}`, sentAt: 1_800_000_000_000 + nextId, ...over });
  return { type: 'NEW_MESSAGE', id: `position-${nextId}`, payload, sender: payload.mine ? 'Ada' : 'Ben' };
};
const bubbles = (): (string | null)[] =>
  within(messagesList())
    .queryAllByRole('listitem')
    .map((bubble) => bubble.querySelector('.bubble-text')?.textContent ?? null);
const commands = (frames: readonly unknown[], type: string) =>
  frames.filter((frame): frame is Record<string, unknown> => (frame as { type?: string }).type === type);

/** jsdom has no object URLs. Answers the live ones. */
const stubObjectUrls = () => {
  const live = new Map<string, Blob>();
  let count = 0;
  Object.assign(URL, {
    createObjectURL: (blob: Blob) => {
      count += 1;
      live.set(`blob:test/${count}`, blob);
      return `blob:test/${count}`;
    },
    revokeObjectURL: (url: string) => live.delete(url),
  });
  return live;
};
const picture = (name: string) => screen.findByRole<HTMLImageElement>('img', { name });

describe('a text', () => {
  it('goes out with a key, and shows once its echo comes back', async () => {
    const { server, sends } = await openConnected({ path: CHAT });
    await userEvent.type(messageBox(), 'Tea or coffee?{Enter}');
    const [command] = commands(server.received, 'SEND_MESSAGE');
    expect(command).toEqual({
      type: 'SEND_MESSAGE',
      conversationId: 'with-ben',
      text: 'Tea or coffee?',
      key: expect.stringMatching(UUID),
    });
    expect(messageBox().value).toBe('');
    expect(bubbles()).toEqual([]);

    const echo = newMessage({ mine: true, text: 'Tea or coffee?', key: String(command?.key) });
    await sends(echo);
    await sends({ ...echo, id: 'position-again' });
    expect(bubbles()).toEqual(['Tea or coffee?']);
    expect(commands(server.received, 'ACK').map(({ messageId }) => messageId)).toEqual([
      'position-1',
      'position-again',
    ]);
  });

  it('typed while the connection is lost stays in the composer, and a toast says why', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { server, loses, opens } = await openConnected({ path: CHAT });
    await loses();
    await userEvent.type(messageBox(), 'Are you there?{Enter}');
    expect(await screen.findByText('Cannot send message. Connection lost.')).toBeTruthy();
    expect(warn).toHaveBeenCalledWith('WebSocket not connected');
    expect(messageBox().value).toBe('Are you there?');

    await waitFor(() => expect(server.sockets).toHaveLength(2));
    await opens();
    await userEvent.click(screen.getByRole('button', { name: 'Send' }));
    expect(commands(server.received, 'SEND_MESSAGE')).toHaveLength(1);
    expect(messageBox().value).toBe('');
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
    expect(bubbles()).toEqual(['Coffee!']);
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
  it('shows for the person one gives to, and never for the Secret Santa (I14)', async () => {
    const { sends } = await openConnected({ path: CHAT });
    await sends({ type: 'USER_ONLINE', userId: 'ben' });
    expect(screen.getByText('Online')).toBeTruthy();
    await sends({ type: 'USER_OFFLINE', userId: 'ben' });
    expect(screen.queryByText('Online')).toBeNull();
    await userEvent.click(screen.getByRole('link', { name: /Your Secret Santa/ }));
    await sends({ type: 'USER_ONLINE', userId: 'dan' });
    expect(screen.queryByText('Online')).toBeNull();
  });
});

describe('a picture', () => {
  const choose = async (file: File) => {
    // user-event would drop a file that `accept` does not name; a person can drop any file onto the field.
    fireEvent.change(screen.getByLabelText('Choose a picture'), { target: { files: [file] } });
    await act(async () => {});
  };

  it('goes out as one binary frame, and the echo shows the bytes that were sent', async () => {
    const urls = stubObjectUrls();
    const { server, api, sends } = await openConnected({ path: CHAT });
    await choose(new File([IMAGE], 'tree.png', { type: 'image/png' }));
    await screen.findByRole('img', { name: 'The one you chose' });
    await userEvent.click(screen.getByRole('button', { name: 'Send' }));
    await waitFor(() => expect(server.received.some((frame) => frame instanceof ArrayBuffer)).toBe(true));
    const frame = server.received.find((sent): sent is ArrayBuffer => sent instanceof ArrayBuffer);
    const sent = frame === undefined ? null : decodeImageFrame(frame);
    expect(sent?.header).toEqual({
      conversationId: 'with-ben',
      key: expect.stringMatching(UUID),
      mime: 'image/png',
    });
    expect([...(sent?.image ?? [])]).toEqual([...IMAGE]);
    await waitFor(() => expect(screen.queryByRole('img', { name: 'The one you chose' })).toBeNull());
    expect(urls.size).toBe(0);

    await sends(newMessage({ mine: true, text: null, imageId: 'image-1', key: sent?.header.key ?? null }));
    expect((await picture('Picture from you')).src).toMatch(/^blob:/);
    expect(api.times('GET /api/images/image-1')).toBe(0);
  });

  it('that cannot be sent stays in the composer', async () => {
    stubObjectUrls();
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { loses } = await openConnected({ path: CHAT });
    await choose(new File([IMAGE], 'tree.png', { type: 'image/png' }));
    await loses();
    await userEvent.click(screen.getByRole('button', { name: 'Send' }));
    expect(await screen.findByText('Cannot send message. Connection lost.')).toBeTruthy();
    expect(screen.getByRole('img', { name: 'The one you chose' })).toBeTruthy();
  });

  it('that is no picture is declined in words', async () => {
    await openConnected({ path: CHAT });
    await choose(new File(['%PDF'], 'list.pdf', { type: 'application/pdf' }));
    expect(await screen.findByText('Please choose a PNG, JPEG, GIF or WebP picture.')).toBeTruthy();
  });

  it('comes as a binary frame after its message; nothing is fetched, and its object URL is revoked in the end', async () => {
    const urls = stubObjectUrls();
    const { server, api, sends } = await openConnected({ path: CHAT });
    await sends(newMessage({ text: null, imageId: 'image-2' }));
    expect(screen.getByRole('img', { name: 'Loading the picture' })).toBeTruthy();
    const frame = encodeImageFrame({ conversationId: 'with-ben', key: 'image-2', mime: 'image/png' }, IMAGE);
    await act(async () => server.sendsBytes(frame));
    const shown = await picture('Picture from Ben');
    const blob = urls.get(shown.src);
    expect(blob?.type).toBe('image/png');
    expect(blob?.size).toBe(IMAGE.length);
    expect(api.times('GET /api/images/image-2')).toBe(0);

    await userEvent.click(screen.getByRole('link', { name: /Your Secret Santa/ }));
    expect(urls.size).toBe(0);
  });

  it('of an earlier visit is fetched with the token', async () => {
    const urls = stubObjectUrls();
    const { api } = await openConnected({
      path: CHAT,
      arrange: (server) => {
        server.on('GET /api/conversations/with-ben/messages', () =>
          json([aMessage({ text: null, imageId: 'image-3' })]),
        );
        server.on(
          'GET /api/images/image-3',
          () => new Response(IMAGE, { headers: { 'Content-Type': 'image/png' } }),
        );
      },
    });
    const shown = await picture('Picture from Ben');
    expect(urls.has(shown.src)).toBe(true);
    expect(api.calls.find(({ call }) => call === 'GET /api/images/image-3')?.token).toBe(TOKEN);
  });

  it('that is gone, or is no picture, says so', async () => {
    await openConnected({
      path: CHAT,
      arrange: (server) => {
        server.on('GET /api/conversations/with-ben/messages', () =>
          json([
            aMessage({ text: null, imageId: 'image-4' }),
            aMessage({ id: 'message-2', text: null, imageId: 'image-5' }),
          ]),
        );
        server.on(
          'GET /api/images/image-5',
          () => new Response('<svg/>', { headers: { 'Content-Type': 'image/svg+xml' } }),
        );
      },
    });
    expect(await screen.findAllByText('This picture could not be loaded.')).toHaveLength(2);
  });

  it('frame that is none is named on the console', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { server } = await openConnected({ path: CHAT });
    await act(async () => server.sendsBytes(new ArrayBuffer(1)));
    expect(logged.mock.calls).toEqual([['Unknown message type:', 'binary']]);
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

  it('shows messages as text, whatever they hold', async () => {
    const { sends } = await openConnected({ path: CHAT });
    await sends(newMessage({ text: '<img src=x onerror=alert(1)>' }));
    expect(bubbles()).toEqual(['<img src=x onerror=alert(1)>']);
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
