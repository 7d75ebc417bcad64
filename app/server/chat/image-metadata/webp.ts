import { joined, textAt, viewOf } from './byte-reading.ts';

const HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
/** Place, size, duration and flags of a frame, before the chunks that are its picture. */
const FRAME_HEADER_BYTES = 16;
/** What a picture is shown by, and what a frame of an animation is. */
const SHOWING = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF']);
const SHOWING_IN_FRAME = new Set(['VP8 ', 'VP8L', 'ALPH']);
/** Transparency and animation: the bits of a VP8X chunk that are about what is shown. */
const SHOWN_BITS = 0x10 | 0x02;
const VP8X_BYTES = 10;

/** A chunk without its padding: its type, and its content. */
export interface WebpChunk {
  readonly type: string;
  readonly content: Uint8Array;
}

/** The chunks of a row. A chunk that is cut off has the content that is there. */
const chunksIn = (bytes: Uint8Array): WebpChunk[] => {
  const view = viewOf(bytes);
  const chunks: WebpChunk[] = [];
  let offset = 0;
  while (offset + CHUNK_HEADER_BYTES <= bytes.length) {
    const size = view.getUint32(offset + 4, true);
    const contentAt = offset + CHUNK_HEADER_BYTES;
    chunks.push({ type: textAt(bytes, offset, 4), content: bytes.subarray(contentAt, contentAt + size) });
    // Chunks are padded to an even length.
    offset = contentAt + size + (size % 2);
  }
  return chunks;
};

/** The chunks of a WebP file. Source: RFC 9649 section 2. */
export const webpChunks = (webp: Uint8Array): WebpChunk[] => {
  const end = Math.min(webp.length, HEADER_BYTES - 4 + viewOf(webp).getUint32(4, true));
  return chunksIn(webp.subarray(HEADER_BYTES, Math.max(HEADER_BYTES, end)));
};

const chunkOf = ({ type, content }: WebpChunk): Uint8Array => {
  const bytes = new Uint8Array(CHUNK_HEADER_BYTES + content.length + (content.length % 2));
  for (let letter = 0; letter < 4; letter++) bytes[letter] = type.charCodeAt(letter);
  viewOf(bytes).setUint32(4, content.length, true);
  bytes.set(content, CHUNK_HEADER_BYTES);
  return bytes;
};

/** A chunk without what it need not say to be shown. */
const shownChunk = ({ type, content }: WebpChunk): WebpChunk => {
  if (type === 'ANMF') {
    const picture = chunksIn(content.subarray(FRAME_HEADER_BYTES))
      .filter((chunk) => SHOWING_IN_FRAME.has(chunk.type))
      .map(chunkOf);
    return { type, content: joined([content.subarray(0, FRAME_HEADER_BYTES), ...picture]) };
  }
  if (type !== 'VP8X') return { type, content };
  const clean = content.slice(0, VP8X_BYTES);
  if (clean[0] !== undefined) clean[0] &= SHOWN_BITS;
  return { type, content: clean };
};

/** Keeps the chunks that the picture is shown by and no other, also within frames, nor what comes after the end. */
export const webpWithoutMetadata = (webp: Uint8Array): Uint8Array => {
  const kept = webpChunks(webp)
    .filter(({ type }) => SHOWING.has(type))
    .map((chunk) => chunkOf(shownChunk(chunk)));
  const clean = joined([webp.slice(0, HEADER_BYTES), ...kept]);
  viewOf(clean).setUint32(4, clean.length - 8, true);
  return clean;
};
