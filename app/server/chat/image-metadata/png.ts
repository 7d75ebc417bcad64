import { joined, textAt, viewOf } from './byte-reading.ts';

const SIGNATURE_BYTES = 8;
/** Length, type and checksum of a chunk. */
const FRAME_BYTES = 12;
/** What a picture is shown by. Colour profiles (iCCP) may name the display, so they go; sRGB is what remains. */
const SHOWING = new Set([
  ...['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'sBIT', 'bKGD', 'pHYs'],
  ...['acTL', 'fcTL', 'fdAT'],
]);

/**
 * Keeps the chunks that the picture is shown by and no other: not text, Exif, the time, provenance or private chunks, nor
 * what comes after the end. Source: PNG sections 5 and 11.
 */
export const pngWithoutMetadata = (png: Uint8Array): Uint8Array => {
  const view = viewOf(png);
  const kept = [png.subarray(0, SIGNATURE_BYTES)];
  let offset = SIGNATURE_BYTES;
  while (offset + FRAME_BYTES <= png.length) {
    const end = offset + FRAME_BYTES + view.getUint32(offset);
    const type = textAt(png, offset + 4, 4);
    if (SHOWING.has(type)) kept.push(png.subarray(offset, end));
    offset = end;
    if (type === 'IEND') break;
  }
  return joined(kept);
};
