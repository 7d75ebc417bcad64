import type { ImageHeader } from '../../../contract/image-frame.ts';
import { gifWithoutMetadata } from './gif.ts';
import { jpegWithoutMetadata } from './jpeg.ts';
import { pngWithoutMetadata } from './png.ts';
import { webpWithoutMetadata } from './webp.ts';

const CLEANERS: Record<ImageHeader['mime'], (image: Uint8Array) => Uint8Array> = {
  'image/gif': gifWithoutMetadata,
  'image/jpeg': jpegWithoutMetadata,
  'image/png': pngWithoutMetadata,
  'image/webp': webpWithoutMetadata,
};

/**
 * The same picture without what a camera or a program wrote beside it: names, places, times, models. A photograph would
 * otherwise tell the recipient who their Secret Santa is.
 *
 * Works on the frame of the file and decodes no picture. A damaged file is cut where it stops making sense. What the
 * picture itself shows stays.
 */
export const withoutMetadata = (mime: ImageHeader['mime'], image: Uint8Array): Uint8Array =>
  CLEANERS[mime](image);
