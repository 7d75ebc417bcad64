import { joined, textAt, viewOf } from './byte-reading.ts';
import { exifOrientation, exifWithOrientation } from './exif-orientation.ts';

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
const [APP0, APP1, APP14] = [0xe0, 0xe1, 0xee];
/** Application segments, reserved ones and comments: everything from here on may say anything. */
const FIRST_FREE = 0xe0;

/**
 * A segment of an application is kept when the picture needs it: JFIF without its thumbnail, and Adobe's colour transform.
 * Colour profiles may name the display, so they go.
 */
const isTelling = (jpeg: Uint8Array, offset: number, marker: number): boolean => {
  if (marker < FIRST_FREE) return false;
  if (marker === APP0) return textAt(jpeg, offset + 4, 5) !== 'JFIF\0';
  return marker !== APP14 || textAt(jpeg, offset + 4, 5) !== 'Adobe';
};

/** Marker, length, `JFIF\0`, version, units, densities, and the size of a thumbnail. Source: ITU T.871 section 10.1. */
const JFIF_BYTES = 18;

const jfifWithoutThumbnail = (segment: Uint8Array): Uint8Array => {
  if (segment.length <= JFIF_BYTES) return segment;
  const short = segment.slice(0, JFIF_BYTES);
  short.set([0, JFIF_BYTES - 2], 2);
  short.set([0, 0], JFIF_BYTES - 2);
  return short;
};

/** The offset of the next marker in the data of a scan: 0xff not followed by a stuffed zero, a restart or a fill byte. */
const afterScan = (jpeg: Uint8Array, offset: number): number => {
  let at = offset;
  for (; at + 1 < jpeg.length; at++) {
    const next = jpeg[at + 1] ?? 0;
    if (jpeg[at] === 0xff && next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return jpeg.length;
};

/**
 * Leaves out Exif, XMP, comments and the other segments of applications, and whatever comes after the end, which may be
 * another picture. How the camera was held is kept, since the picture would turn without it. Source: ITU T.81 annex B.
 */
export const jpegWithoutMetadata = (jpeg: Uint8Array): Uint8Array => {
  const view = viewOf(jpeg);
  const kept = [jpeg.subarray(0, 2)];
  let offset = 2;
  while (offset + 4 <= jpeg.length && jpeg[offset] === 0xff) {
    const marker = jpeg[offset + 1] ?? END_OF_IMAGE;
    if (marker === END_OF_IMAGE) break;
    if (marker === 0xff) {
      offset += 1;
      continue;
    }
    const headEnd = offset + 2 + view.getUint16(offset + 2);
    const end = marker === START_OF_SCAN ? afterScan(jpeg, headEnd) : headEnd;
    const segment = jpeg.subarray(offset, end);
    if (!isTelling(jpeg, offset, marker))
      kept.push(marker === APP0 ? jfifWithoutThumbnail(segment) : segment);
    else if (marker === APP1) kept.push(exifWithOrientation(exifOrientation(segment)));
    offset = end;
  }
  return joined([...kept, new Uint8Array([0xff, END_OF_IMAGE])]);
};
