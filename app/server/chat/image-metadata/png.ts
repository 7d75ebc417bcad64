import { joined, textAt, viewOf } from './byte-reading.ts';

const SIGNATURE_BYTES = 8;
/** Length, type and checksum of a chunk. */
const FRAME_BYTES = 12;
const TELLING = new Set(['tEXt', 'zTXt', 'iTXt', 'eXIf', 'tIME']);

/** Leaves out the chunks that carry text, Exif and the time, and whatever comes after the end. Source: PNG section 5. */
export const pngWithoutMetadata = (png: Uint8Array): Uint8Array => {
  const view = viewOf(png);
  const kept = [png.subarray(0, SIGNATURE_BYTES)];
  let offset = SIGNATURE_BYTES;
  while (offset + FRAME_BYTES <= png.length) {
    const end = offset + FRAME_BYTES + view.getUint32(offset);
    const type = textAt(png, offset + 4, 4);
    if (!TELLING.has(type)) kept.push(png.subarray(offset, end));
    offset = end;
    if (type === 'IEND') break;
  }
  return joined(kept);
};
