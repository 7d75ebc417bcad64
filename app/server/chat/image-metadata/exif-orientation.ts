import { textAt, viewOf } from './byte-reading.ts';

const ORIENTATION_TAG = 0x0112;
/** Marker, length and `Exif\0\0` come before the TIFF part, whose offsets count from its own start. */
const TIFF_AT = 10;

/** How the picture is to be turned (1 to 8; 1: not at all), of an APP1 segment. Source: Exif 2.3 section 4.6. */
export const exifOrientation = (segment: Uint8Array): number => {
  if (textAt(segment, 4, 4) !== 'Exif' || segment.length < TIFF_AT + 8) return 1;
  const view = viewOf(segment);
  const isLittle = textAt(segment, TIFF_AT, 2) === 'II';
  const directoryAt = TIFF_AT + view.getUint32(TIFF_AT + 4, isLittle);
  if (directoryAt + 2 > segment.length) return 1;
  const count = view.getUint16(directoryAt, isLittle);
  for (let entry = 0; entry < count; entry++) {
    const at = directoryAt + 2 + entry * 12;
    if (at + 12 > segment.length) return 1;
    if (view.getUint16(at, isLittle) !== ORIENTATION_TAG) continue;
    const value = view.getUint16(at + 8, isLittle);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
};

/** An APP1 segment that says nothing but the orientation; nothing at all where the picture is not turned. */
export const exifWithOrientation = (orientation: number): Uint8Array => {
  if (orientation === 1) return new Uint8Array();
  const exif = [0x45, 0x78, 0x69, 0x66, 0, 0];
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8];
  const directory = [0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
  const content = [...exif, ...tiff, ...directory];
  return new Uint8Array([0xff, 0xe1, 0, content.length + 2, ...content]);
};
