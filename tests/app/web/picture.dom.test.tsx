import { File } from 'node:buffer';
import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { decodeImageFrame, encodeImageFrame } from '../../../app/contract/image-frame.ts';
import { aMessage, json, TOKEN } from './support/fake-api.ts';
import { newMessage } from './support/new-message.ts';
import { openConnected } from './support/open-redngift.tsx';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const CHAT = '/conversations/with-ben';
const IMAGE = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);

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
