import { joined, textAt } from './byte-reading.ts';

const SCREEN_BYTES = 13;
const IMAGE_BYTES = 10;
const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;
const GRAPHIC_CONTROL = 0xf9;
const APPLICATION = 0xff;
/** The application extensions that matter for showing: how often to repeat. */
const REPEATING = new Set(['NETSCAPE2.0', 'ANIMEXTS1.0']);
/** Introducer, label, and the name of an application with its length. */
const APPLICATION_BYTES = 14;

const colourTableBytes = (flags = 0): number => (flags & 0x80 ? 3 * 2 ** ((flags & 0x07) + 1) : 0);

/** The offset after a row of sub-blocks, which an empty one ends. */
const afterSubBlocks = (gif: Uint8Array, offset: number): number => {
  let at = offset;
  for (let size = gif[at]; size !== undefined && size !== 0; size = gif[at]) at += 1 + size;
  return at + 1;
};

/** A part of a GIF: what comes before the first block, an image, an extension, or the end. */
interface Block {
  readonly kind: 'screen' | 'image' | 'extension' | 'trailer';
  readonly bytes: Uint8Array;
}

/** The blocks of a GIF up to its end, or to where it stops making sense. Source: GIF89a. */
export const gifBlocks = (gif: Uint8Array): Block[] => {
  let offset = SCREEN_BYTES + colourTableBytes(gif[10]);
  const blocks: Block[] = [{ kind: 'screen', bytes: gif.subarray(0, offset) }];
  while (offset < gif.length) {
    const kind = gif[offset];
    if (kind === TRAILER) {
      blocks.push({ kind: 'trailer', bytes: gif.subarray(offset, offset + 1) });
      break;
    }
    if (kind !== EXTENSION && kind !== IMAGE) break;
    const dataAt =
      kind === EXTENSION ? offset + 2 : offset + IMAGE_BYTES + colourTableBytes(gif[offset + 9]) + 1;
    const end = afterSubBlocks(gif, dataAt);
    blocks.push({
      kind: kind === EXTENSION ? 'extension' : 'image',
      bytes: gif.subarray(offset, end),
    });
    offset = end;
  }
  return blocks;
};

/** An extension without what it need not say to be shown; nothing at all where it is not shown. */
const shownExtension = (bytes: Uint8Array): Uint8Array => {
  const label = bytes[1];
  // Exactly what the format gives it: four bytes, and the end.
  if (label === GRAPHIC_CONTROL && bytes.length === 8 && bytes[2] === 4) return bytes;
  if (label === APPLICATION && bytes[2] === 11 && REPEATING.has(textAt(bytes, 3, 11))) {
    const count = bytes.subarray(APPLICATION_BYTES, APPLICATION_BYTES + 4);
    if (count.length === 4 && count[0] === 3 && count[1] === 1)
      return joined([bytes.subarray(0, APPLICATION_BYTES), count, new Uint8Array([0])]);
  }
  return new Uint8Array();
};

/**
 * Keeps the screen, the images, how long each is shown and how often they repeat, and nothing else: no comments, plain
 * text or extensions of applications (XMP is one), nor what comes after the end.
 */
export const gifWithoutMetadata = (gif: Uint8Array): Uint8Array =>
  joined(gifBlocks(gif).map(({ kind, bytes }) => (kind === 'extension' ? shownExtension(bytes) : bytes)));
