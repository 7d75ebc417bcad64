import { joined, textAt, viewOf } from './byte-reading.ts';

const HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
/** What a picture is shown by. */
const SHOWING = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF']);
/** The bits of a VP8X chunk that announce a colour profile, Exif and XMP. */
const LEFT_OUT_BITS = 0x20 | 0x08 | 0x04;

/** Keeps the chunks that the picture is shown by and no other, nor what comes after the end. Source: RFC 9649 section 2. */
export const webpWithoutMetadata = (webp: Uint8Array): Uint8Array => {
  const view = viewOf(webp);
  const kept = [webp.subarray(0, HEADER_BYTES)];
  const end = Math.min(webp.length, HEADER_BYTES - 4 + view.getUint32(4, true));
  let offset = HEADER_BYTES;
  while (offset + CHUNK_HEADER_BYTES <= end) {
    const size = view.getUint32(offset + 4, true);
    // Chunks are padded to an even length.
    const next = offset + CHUNK_HEADER_BYTES + size + (size % 2);
    const type = textAt(webp, offset, 4);
    if (SHOWING.has(type)) kept.push(webp.subarray(offset, next));
    offset = next;
  }
  const clean = joined(kept);
  viewOf(clean).setUint32(4, clean.length - 8, true);
  const flagsAt = HEADER_BYTES + CHUNK_HEADER_BYTES;
  const flags = clean[flagsAt];
  if (textAt(clean, HEADER_BYTES, 4) === 'VP8X' && flags !== undefined)
    clean[flagsAt] = flags & ~LEFT_OUT_BITS;
  return clean;
};
