import { type ImageHeader, MAX_IMAGE_BYTES } from '../../contract/image-frame.ts';
import type { Database } from '../database/open-database.ts';
import { notFound, Refusal } from '../refusal.ts';
import { withoutMetadata } from './image-metadata/without-metadata.ts';
import { hasSignatureOf } from './image-signature.ts';
import { judgeImageSize, MAX_PIXELS, MAX_SIDE_PIXELS } from './image-size.ts';

/**
 * The image as it may be shown to the other party: without its metadata. Refuses one that is too large, in bytes or in
 * pixels, or that is not what its type says.
 */
export const acceptImage = (mime: ImageHeader['mime'], bytes: Uint8Array): Uint8Array => {
  if (bytes.byteLength > MAX_IMAGE_BYTES) {
    throw new Refusal('too-large', `An image may have at most ${MAX_IMAGE_BYTES / 1_000_000} MB.`);
  }
  if (!hasSignatureOf(mime, bytes))
    throw new Refusal('bad-request', 'This file is not an image of its type.');
  const clean = withoutMetadata(mime, bytes);
  const verdict = judgeImageSize(mime, clean);
  if (verdict === 'none') throw new Refusal('bad-request', 'This file is not an image of its type.');
  if (verdict === 'too-large') {
    const most = `${MAX_SIDE_PIXELS.toLocaleString('en')} pixels a side, and ${MAX_PIXELS / 1_000_000} million in all`;
    throw new Refusal('too-large', `A picture may have at most ${most}.`);
  }
  return clean;
};

/**
 * An image, for the two parties of its conversation. Anyone else is told that it does not exist, after the same query:
 * neither the words nor the time of reading its bytes tell that it does.
 */
export const getImage = async (db: Database, userId: string, imageId: string) => {
  const image = await db
    .selectFrom('images')
    .innerJoin('conversations', 'conversations.id', 'images.conversationId')
    .select(['images.mime', 'images.bytes'])
    .where('images.id', '=', imageId)
    .where((where) => where.or([where('giverId', '=', userId), where('recipientId', '=', userId)]))
    .executeTakeFirst();
  if (image === undefined) throw notFound('image');
  return { mime: image.mime, bytes: new Uint8Array(image.bytes) };
};
