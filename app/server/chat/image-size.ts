import type { ImageHeader } from '../../contract/image-frame.ts';
import { viewOf } from './image-metadata/byte-reading.ts';
import { gifBlocks } from './image-metadata/gif.ts';
import { type WebpChunk, webpChunks } from './image-metadata/webp.ts';

/** A picture of 1 MB can be one of 100,000 times 100,000 pixels, which takes 40 GB to show. */
export const MAX_SIDE_PIXELS = 16_384;
export const MAX_PIXELS = 50_000_000;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Source: PNG section 11.2.2; IHDR is the first chunk. */
const sizesOfPng = (png: Uint8Array): Size[] => {
  if (png.length < 24) return [];
  const view = viewOf(png);
  return [{ width: view.getUint32(16), height: view.getUint32(20) }];
};

const START_OF_SCAN = 0xda;
/** The markers of a frame: baseline, progressive and so on. C4, C8 and CC in between are none. Source: ITU T.81 table B.1. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

const sizesOfJpeg = (jpeg: Uint8Array): Size[] => {
  const view = viewOf(jpeg);
  const sizes: Size[] = [];
  let offset = 2;
  while (offset + 9 <= jpeg.length && jpeg[offset] === 0xff) {
    const marker = jpeg[offset + 1] ?? 0;
    if (marker === START_OF_SCAN) break;
    if (isFrame(marker))
      sizes.push({ height: view.getUint16(offset + 5), width: view.getUint16(offset + 7) });
    offset += 2 + view.getUint16(offset + 2);
  }
  return sizes;
};

const sizesOfGif = (gif: Uint8Array): Size[] =>
  gifBlocks(gif).flatMap(({ kind, bytes }) => {
    const at = { screen: 6, image: 5, extension: null, trailer: null }[kind];
    if (at === null || bytes.length < at + 4) return [];
    const view = viewOf(bytes);
    return [{ width: view.getUint16(at, true), height: view.getUint16(at + 2, true) }];
  });

const uint24 = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);

/** Source: RFC 9649 sections 2.5 to 2.7, RFC 6386 section 9.1. */
const sizesOfChunk = ({ type, content }: WebpChunk): Size[] => {
  const least = { VP8X: 10, ANMF: 12, 'VP8 ': 10, VP8L: 5 }[type];
  if (least === undefined || content.length < least) return [];
  const view = viewOf(content);
  if (type === 'VP8X') return [{ width: 1 + uint24(content, 4), height: 1 + uint24(content, 7) }];
  if (type === 'ANMF') return [{ width: 1 + uint24(content, 6), height: 1 + uint24(content, 9) }];
  if (type === 'VP8 ')
    return [{ width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff }];
  const bits = view.getUint32(1, true);
  return [{ width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }];
};

const READERS: Record<ImageHeader['mime'], (image: Uint8Array) => Size[]> = {
  'image/png': sizesOfPng,
  'image/jpeg': sizesOfJpeg,
  'image/gif': sizesOfGif,
  'image/webp': (webp) => webpChunks(webp).flatMap(sizesOfChunk),
};

/**
 * Whether the picture is one that a browser can show: `none` where the file says no size at all, or none that is a size,
 * `too-large` where it, or a frame of it, says one that is too large. Reads the frame of the file and decodes nothing.
 */
export const judgeImageSize = (
  mime: ImageHeader['mime'],
  image: Uint8Array,
): 'fits' | 'none' | 'too-large' => {
  const sizes = READERS[mime](image);
  if (sizes.length === 0 || sizes.some(({ width, height }) => width === 0 || height === 0)) return 'none';
  const fits = ({ width, height }: Size) =>
    Math.max(width, height) <= MAX_SIDE_PIXELS && width * height <= MAX_PIXELS;
  return sizes.every(fits) ? 'fits' : 'too-large';
};
