import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ADA, aMessage, json, SESSION } from './support/fake-api.ts';
import { newMessage } from './support/new-message.ts';
import { bubbles, bubbleTexts, messageBox, openConnected, openRedNgift } from './support/open-redngift.tsx';

const CHAT = '/conversations/with-ben';

beforeAll(() => {
  // jsdom has the element, and none of its methods.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
  };
});

const says = async (...texts: string[]) => {
  for (const text of texts) await userEvent.type(messageBox(), `${text}{Enter}`);
};
type Page = Awaited<ReturnType<typeof openRedNgift>>;
const said = ({ server }: Page) =>
  server.received.filter(
    (frame): frame is { text: string; key: string; n: number } =>
      (frame as { type?: string }).type === 'SEND_MESSAGE',
  );
const reconnects = async (page: Page) => {
  const count = page.server.sockets.length;
  await page.loses();
  await waitFor(() => expect(page.server.sockets).toHaveLength(count + 1));
};
const bubbleOf = (text: string): HTMLElement => {
  const bubble = bubbles().find((item) => item.textContent?.includes(text));
  if (bubble === undefined) throw new Error(`No bubble says ${text}.`);
  return bubble;
};

describe('a text that is typed while the connection is lost', () => {
  it('waits in the chat, survives the page, and arrives once, in order (I2, I3)', async () => {
    const first = await openConnected({ path: CHAT });
    await reconnects(first);
    await says('one', 'two');
    expect(messageBox().value).toBe('');
    expect(bubbleTexts()).toEqual(['one', 'two']);
    expect(bubbleOf('one').textContent).toContain('Waiting to be sent');
    expect(said(first)).toEqual([]);
    await first.leaves();

    const second = await openRedNgift({ path: CHAT });
    await waitFor(() => expect(bubbleTexts()).toEqual(['one', 'two']));
    await says('three');
    await second.opens();
    await waitFor(() => expect(said(second).map(({ text }) => text)).toEqual(['one', 'two', 'three']));
    expect(bubbleOf('one').textContent).toContain('Sending…');
    const shown = bubbles();
    for (const { key, text } of said(second)) await second.sends(newMessage({ mine: true, key, text }));
    await waitFor(() => expect(screen.queryByText('Sending…')).toBeNull());
    expect(bubbleTexts()).toEqual(['one', 'two', 'three']);
    expect(bubbles()).toEqual(shown);
  });

  it('stands after what the other side says meanwhile, and in its own chat only', async () => {
    const page = await openConnected({ path: CHAT });
    await reconnects(page);
    await says('mine');
    await page.sends(newMessage({ text: 'theirs' }));
    await page.opens();
    await waitFor(() => expect(bubbleTexts()).toEqual(['theirs', 'mine']));
    await userEvent.click(screen.getByRole('link', { name: /Your Secret Santa/ }));
    expect(bubbleTexts()).toEqual([]);
  });

  it('in a window that keeps nothing: a toast says that it would be lost with the page', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    await openConnected({ path: CHAT, isPrivate: true });
    expect(await screen.findByText(/^This browser cannot keep unsent messages/)).toBeTruthy();
  });

  it('is not sent any more after a day: it fails', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const page = await openConnected({ path: CHAT, isPrivate: true });
    page.server.isDown();
    await page.loses();
    await act(async () => {
      page.connection.send({ type: 'SEND_MESSAGE', conversationId: 'with-ben', text: 'old news' });
    });
    expect(bubbleOf('old news').dataset.delivery).toBe('queued');
    await act(() => vi.advanceTimersByTimeAsync(24 * 60 * 60 * 1_000 + 60_000));
    page.server.isBack();
    act(() => page.connection.retry());
    await act(() => vi.advanceTimersByTimeAsync(1));
    await page.opens();
    await waitFor(() =>
      expect(page.server.received).toContainEqual(expect.objectContaining({ type: 'SKIP' })),
    );
    expect(said(page)).toEqual([]);
    await page.receipts({ n: 1, code: 'skipped' });
    expect(bubbleOf('old news').textContent).toContain('Not sent: it waited too long.');
  });
});

describe('a text that the server rejects', () => {
  it('shows as failed; "Retry" says it again, at the end, and "Discard" takes it away', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const page = await openConnected({ path: CHAT });
    await says('one', 'two', 'three');
    await waitFor(() => expect(said(page)).toHaveLength(3));
    await page.receipts({ n: 1, code: 'not-found' }, { n: 2, code: 'not-found' });
    expect(await screen.findByText(/^A message could not be sent/)).toBeTruthy();
    expect(bubbleTexts()).toEqual(['one', 'two', 'three']);
    expect(bubbleOf('one').textContent).toContain('Not sent: RednGift refused it.');
    expect(within(bubbleOf('three')).queryByRole('button')).toBeNull();

    const retry = within(bubbleOf('one')).getByRole('button', { name: 'Retry' });
    expect(document.getElementById(retry.getAttribute('aria-describedby') ?? '')?.textContent).toBe('one');
    await userEvent.click(retry);
    await userEvent.click(within(bubbleOf('two')).getByRole('button', { name: 'Discard' }));
    expect(bubbleTexts()).toEqual(['three', 'one']);
    await waitFor(() => expect(said(page)).toHaveLength(4));
    const [first, , , again] = said(page);
    expect(again).toMatchObject({ text: 'one', n: 4 });
    expect(again?.key).not.toBe(first?.key);
  });
});

describe('a text that is delivered', () => {
  it('leaves the outbox with its echo, in a chat that is not looked at too', async () => {
    const page = await openConnected({ path: CHAT });
    await says('one');
    await waitFor(() => expect(said(page)).toHaveLength(1));
    await userEvent.click(screen.getByRole('link', { name: /Your Secret Santa/ }));
    await page.receipts();
    expect(page.connection.outbox.entries).toMatchObject([{ state: 'delivered' }]);
    await page.sends(newMessage({ mine: true, text: 'one', key: said(page)[0]?.key ?? null }));
    await waitFor(() => expect(page.connection.outbox.entries).toEqual([]));
  });

  it('is not shown for ever where its echo was missed for good, and the history does not reach back to it', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const page = await openConnected({ path: CHAT });
    await says('one');
    await waitFor(() => expect(said(page)).toHaveLength(1));
    await page.receipts();
    await reconnects(page);
    await page.sends(newMessage({ mine: true, text: 'one', key: said(page)[0]?.key ?? null }));
    page.server.forgets();
    page.api.on('GET /api/conversations/with-ben/messages', () => json([aMessage({ text: 'much later' })]));
    await page.opens();
    await waitFor(() => expect(bubbleTexts()).toEqual(['much later']));
  });
});

describe('a long absence', () => {
  it('is made up for with a quiet word on the progress', async () => {
    const page = await openConnected();
    await waitFor(() => expect(page.server.received).toContainEqual({ type: 'ACK', messageId: '0' }));
    await reconnects(page);
    const missed = page.server.publishes(...Array.from({ length: 300 }, () => newMessage()));
    await act(async () => {
      page.server.accepts();
      page.server.welcomes();
      page.server.sends({ type: 'RESUMED', ok: true, last: missed.at(-1)?.id }, ...missed.slice(0, 150));
    });
    expect(screen.queryByText(/Catching up/)).toBeNull();
    await act(async () => page.server.sends(...missed.slice(150, 256)));
    expect(screen.getByText('Catching up: 256 messages so far')).toBeTruthy();
    await act(async () => page.server.sends(...missed.slice(256)));
    expect(screen.queryByText(/Catching up/)).toBeNull();
  });
});

describe('logging out', () => {
  it('with texts that wait asks first, and deletes them only then', async () => {
    const page = await openConnected({ path: CHAT });
    await reconnects(page);
    await says('one', 'two');
    await userEvent.click(screen.getByRole('button', { name: 'Log out' }));
    const question = screen.getByRole('dialog', { name: 'Log out now?' });
    expect(question.textContent).toContain('2 messages are not sent yet.');
    await userEvent.click(within(question).getByRole('button', { name: 'Stay' }));
    expect(bubbleTexts()).toEqual(['one', 'two']);

    await userEvent.click(screen.getByRole('button', { name: 'Log out' }));
    await userEvent.click(within(question).getByRole('button', { name: 'Delete and log out' }));
    expect(page.connection.status).toBe('loggedOut');
    expect(await screen.findByText('2 unsent messages were deleted.')).toBeTruthy();
    await page.leaves();

    await openRedNgift({ path: CHAT });
    await act(() => new Promise((resolve) => setTimeout(resolve, 50)));
    expect(bubbleTexts()).toEqual([]);
  });

  it('because the session has expired keeps them for this person', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const page = await openConnected({ path: CHAT });
    await reconnects(page);
    await says('still here');
    await act(async () => page.server.accepts());
    await act(async () => page.server.closes(4401));
    await act(async () => page.server.closes(4401));
    expect(screen.getByText('Your session has expired. Please sign in again.')).toBeTruthy();
    expect(screen.queryByText('still here')).toBeNull();

    page.api.on('POST /api/session', () => json({ ...SESSION, user: ADA }));
    await userEvent.type(screen.getByLabelText('E-mail'), ADA.email);
    await userEvent.type(screen.getByLabelText('Password'), 'demo-secret');
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    await waitFor(() => expect(bubbleTexts()).toEqual(['still here']));
  });
});
