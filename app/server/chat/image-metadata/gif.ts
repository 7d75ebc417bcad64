import { joined, textAt } from './byte-reading.ts';

const SCREEN_BYTES = 13;
const IMAGE_BYTES = 10;
const EXTENSION = 0x21;
const IMAGE = 0x2c;
const COMMENT = 0xfe;
const APPLICATION = 0xff;
/** The application extensions that matter for showing: how often to repeat. */
const SHOWN_APPLICATIONS = new Set(['NETSCAPE2.0', 'ANIMEXTS1.0']);

const colourTableBytes = (flags = 0): number => (flags & 0x80 ? 3 * 2 ** ((flags & 0x07) + 1) : 0);

/** The offset after a row of sub-blocks, which an empty one ends. */
const afterSubBlocks = (gif: Uint8Array, offset: number): number => {
  let at = offset;
  for (let size = gif[at]; size !== undefined && size !== 0; size = gif[at]) at += 1 + size;
  return at + 1;
};

/** Leaves out comments and the extensions of applications (XMP is one), and whatever comes after the end. Source: GIF89a. */
export const gifWithoutMetadata = (gif: Uint8Array): Uint8Array => {
  let offset = SCREEN_BYTES + colourTableBytes(gif[10]);
  const kept = [gif.subarray(0, offset)];
  while (offset < gif.length) {
    const [kind, label] = [gif[offset], gif[offset + 1]];
    if (kind !== EXTENSION && kind !== IMAGE) {
      kept.push(gif.subarray(offset, offset + 1));
      break;
    }
    const isTelling =
      kind === EXTENSION &&
      (label === COMMENT || (label === APPLICATION && !SHOWN_APPLICATIONS.has(textAt(gif, offset + 3, 11))));
    const dataAt =
      kind === EXTENSION ? offset + 2 : offset + IMAGE_BYTES + colourTableBytes(gif[offset + 9]) + 1;
    const end = afterSubBlocks(gif, dataAt);
    if (!isTelling) kept.push(gif.subarray(offset, end));
    offset = end;
  }
  return joined(kept);
};
