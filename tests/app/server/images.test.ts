import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  decodeImageFrame,
  encodeImageFrame,
  type ImageHeader,
  MAX_IMAGE_BYTES,
} from '../../../app/contract/image-frame.ts';
import { hasSignatureOf } from '../../../app/server/chat/image-signature.ts';
import { drawnGroup, sharedPeople } from './support/person.ts';
import { sharedServer } from './support/test-server.ts';

const server = sharedServer();
const people = sharedPeople(server, 'Gwen', 'Hugo', 'Iris');
const drawn = () => drawnGroup(people.Gwen, people.Hugo, people.Iris);

/** The smallest PNG there is: one transparent pixel. */
const PNG = new Uint8Array(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
);

describe('images', () => {
  it('shows an image at the other side, as a message, as a binary frame and over HTTP', async () => {
    const { giver, recipient, other, conversationId } = await drawn();
    const [onGiver, onRecipient] = await Promise.all([giver.connect(), recipient.connect()]);
    const key = randomUUID();
    onGiver.sendRaw(encodeImageFrame({ conversationId, key, mime: 'image/png' }, PNG));
    const { payload, sender } = await onRecipient.next('NEW_MESSAGE');
    const { imageId } = payload as { imageId: string };
    expect(payload).toMatchObject({ conversationId, text: null, mine: false, key: null });
    expect(sender).toBe('Your Secret Santa');
    expect(await onGiver.next('NEW_MESSAGE')).toMatchObject({ payload: { imageId, mine: true, key } });

    const frame = decodeImageFrame(new Uint8Array(await onRecipient.nextBinary()).buffer);
    expect(frame?.header).toEqual({ conversationId, key: imageId, mime: 'image/png' });
    expect(frame?.image).toEqual(PNG);
    expect(onGiver.binaries).toEqual([]);

    for (const party of [giver, recipient]) {
      const response = await fetch(`${server.url}/api/images/${imageId}`, {
        headers: { authorization: `Bearer ${party.token}` },
      });
      expect(response.status).toBe(200);
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(PNG);
      expect(response.headers.get('content-type')).toBe('image/png');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    }
    expect((await other.call('GET', `/api/images/${imageId}`)).status).toBe(404);
  });

  it('makes one image of the same key sent twice (I3)', async () => {
    const { giver, recipient, conversationId } = await drawn();
    const [onGiver, onRecipient] = await Promise.all([giver.connect(), recipient.connect()]);
    const frame = encodeImageFrame({ conversationId, key: randomUUID(), mime: 'image/png' }, PNG);
    onGiver.sendRaw(frame);
    onGiver.sendRaw(frame);
    await expect.poll(() => onGiver.frames.filter(({ type }) => type === 'NEW_MESSAGE')).toHaveLength(2);
    onRecipient.send({ type: 'TYPING', conversationId: 'none' });
    await onRecipient.next('COMMAND_REJECTED');
    expect(onRecipient.frames.filter(({ type }) => type === 'NEW_MESSAGE')).toHaveLength(1);
    expect(onRecipient.binaries).toHaveLength(1);
  });

  it('rejects a wrong type, an image that is too large and one for a conversation of others', async () => {
    const { giver, other, recipient, conversationId } = await drawn();
    const [onGiver, onOther, onRecipient] = await Promise.all(
      [giver, other, recipient].map((one) => one.connect()),
    );
    if (!onGiver || !onOther || !onRecipient) throw new Error('Nobody is connected.');
    const page = new TextEncoder().encode('<svg onload="alert(1)">');
    const large = new Uint8Array(MAX_IMAGE_BYTES + 1);
    large.set(PNG);
    const refused: [typeof onGiver, ImageHeader['mime'], Uint8Array, string][] = [
      [onGiver, 'image/png', page, 'This file is not an image of its type.'],
      [onGiver, 'image/jpeg', PNG, 'This file is not an image of its type.'],
      [onGiver, 'image/png', large, 'An image may have at most 1 MB.'],
      [onOther, 'image/png', PNG, 'This conversation does not exist.'],
    ];
    for (const [socket, mime, bytes, reason] of refused) {
      const key = randomUUID();
      socket.sendRaw(encodeImageFrame({ conversationId, key, mime }, bytes));
      expect(await socket.next('COMMAND_REJECTED', (frame) => frame.key === key)).toMatchObject({ reason });
    }
    onGiver.sendRaw(
      encodeImageFrame({ conversationId, key: randomUUID(), mime: 'image/svg+xml' as 'image/png' }, page),
    );
    await onGiver.next('COMMAND_REJECTED', (frame) => frame.key === null);
    onRecipient.send({ type: 'TYPING', conversationId: 'none' });
    await onRecipient.next('COMMAND_REJECTED');
    expect(onRecipient.binaries).toEqual([]);
    expect(onRecipient.frames.filter(({ type }) => type === 'NEW_MESSAGE')).toEqual([]);
  });

  it('knows each type by its first bytes', () => {
    const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
    expect(hasSignatureOf('image/jpeg', bytes('\xff\xd8\xff\xe0'))).toBe(true);
    expect(hasSignatureOf('image/gif', bytes('GIF89a...'))).toBe(true);
    expect(hasSignatureOf('image/gif', bytes('GIF88a...'))).toBe(false);
    expect(hasSignatureOf('image/webp', bytes('RIFF\0\0\0\0WEBPVP8 '))).toBe(true);
    expect(hasSignatureOf('image/webp', bytes('RIFF\0\0\0\0WAVEfmt '))).toBe(false);
    expect(hasSignatureOf('image/png', bytes(''))).toBe(false);
  });
});
