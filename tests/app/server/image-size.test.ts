import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IMAGE_TYPES } from '../../../app/contract/image-frame.ts';
import { judgeImageSize } from '../../../app/server/chat/image-size.ts';
import { acceptImage } from '../../../app/server/chat/images.ts';

const latin = (text: string) => Buffer.from(text, 'latin1');
const be = (bytes: number, value: number) => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
};
const le = (bytes: number, value: number) => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
};
const file = (...parts: Buffer[]) => new Uint8Array(Buffer.concat(parts));
type Make = (width: number, height: number) => Uint8Array;

const png: Make = (width, height) =>
  file(
    latin('\x89PNG\r\n\x1a\n'),
    be(4, 13),
    latin('IHDR'),
    be(4, width),
    be(4, height),
    latin('\x08\x06\0\0\0CRC!'),
  );
/** The frame comes behind other segments, as in a photograph. */
const jpegOf =
  (marker: number): Make =>
  (width, height) =>
    file(
      latin('\xff\xd8\xff\xdb\0\x04qt\xff'),
      be(1, marker),
      be(2, 11),
      latin('\x08'),
      be(2, height),
      be(2, width),
      latin('\x01\x01\x11\0\xff\xda\0\x02scan\xff\xd9'),
    );
const gif: Make = (width, height) => file(latin('GIF89a'), le(2, width), le(2, height), latin('\0\0\0;'));
/** A small screen, and a frame that is not. */
const gifFrame: Make = (width, height) =>
  file(latin('GIF89a\x01\0\x01\0\0\0\0\x2c\0\0\0\0'), le(2, width), le(2, height), latin('\0\x02\x01D\0;'));
const webp = (type: string, content: Buffer) =>
  file(latin('RIFF'), le(4, 12 + content.length), latin(`WEBP${type}`), le(4, content.length), content);
const vp8x: Make = (width, height) =>
  webp('VP8X', Buffer.concat([latin('\0\0\0\0'), le(3, width - 1), le(3, height - 1)]));
const vp8: Make = (width, height) =>
  webp('VP8 ', Buffer.concat([latin('fr\0\x9d\x01\x2a'), le(2, width), le(2, height)]));
const vp8l: Make = (width, height) =>
  webp('VP8L', Buffer.concat([latin('\x2f'), le(4, (width - 1) | ((height - 1) << 14)), latin('.')]));
const anmf: Make = (width, height) =>
  webp(
    'ANMF',
    Buffer.concat([latin('\0\0\0\0\0\0'), le(3, width - 1), le(3, height - 1), latin('\0\0\0\0')]),
  );

describe('the size of a picture', () => {
  it.each([
    ['png', 'image/png', png, 100_000, 100_000],
    ['png', 'image/png', png, 2 ** 31, 1],
    ['jpeg', 'image/jpeg', jpegOf(0xc0), 65_535, 65_535],
    ['progressive jpeg', 'image/jpeg', jpegOf(0xc2), 10_000, 10_000],
    ['gif', 'image/gif', gif, 65_535, 65_535],
    ['frame of a gif', 'image/gif', gifFrame, 65_535, 65_535],
    ['webp canvas', 'image/webp', vp8x, 2 ** 24, 2 ** 24],
    ['lossy webp', 'image/webp', vp8, 16_383, 16_383],
    ['lossless webp', 'image/webp', vp8l, 16_384, 16_384],
    ['frame of a webp', 'image/webp', anmf, 2 ** 24, 1],
    ['wide webp canvas', 'image/webp', vp8x, 16_385, 1],
    ['high webp canvas', 'image/webp', vp8x, 1, 16_385],
    ['wide frame of a webp', 'image/webp', anmf, 16_385, 1],
    ['high frame of a webp', 'image/webp', anmf, 1, 16_385],
  ] as const)(
    'is read from a %s and refused when it would not fit into memory (%s)',
    (_, mime, make, w, h) => {
      expect(judgeImageSize(mime, make(w, h))).toBe('too-large');
      expect(judgeImageSize(mime, make(4_000, 3_000))).toBe('fits');
      expect(() => acceptImage(mime, make(w, h))).toThrow('A picture may have at most 16,384 pixels a side');
      expect(() => acceptImage(mime, make(4_000, 3_000))).not.toThrow();
    },
  );

  it('of nothing, or none at all, is no picture', () => {
    for (const [mime, make] of [
      ['image/png', png],
      ['image/gif', gif],
      ['image/jpeg', jpegOf(0xc0)],
      ['image/webp', vp8],
    ] as const) {
      expect(judgeImageSize(mime, make(0, 10))).toBe('none');
      expect(() => acceptImage(mime, make(10, 0))).toThrow('not an image of its type');
    }
    expect(judgeImageSize('image/jpeg', file(latin('\xff\xd8\xff\xd9')))).toBe('none');
    // C4 is a table and no frame, though its number is among theirs.
    expect(judgeImageSize('image/jpeg', jpegOf(0xc4)(10, 10))).toBe('none');
    expect(judgeImageSize('image/webp', webp('EXIF', latin('0123456789')))).toBe('none');
  });

  it('is judged without a throw, whatever the bytes are (I16)', () => {
    const samples = {
      'image/png': png,
      'image/jpeg': jpegOf(0xc0),
      'image/gif': gifFrame,
      'image/webp': vp8x,
    };
    for (const mime of IMAGE_TYPES) {
      const sample = samples[mime](100, 100);
      fc.assert(
        fc.property(fc.nat({ max: sample.length }), fc.uint8Array({ maxLength: 60 }), (cut, junk) => {
          const damaged = file(Buffer.from(sample.subarray(0, Math.max(12, cut))), Buffer.from(junk));
          expect(['fits', 'none', 'too-large']).toContain(judgeImageSize(mime, damaged));
        }),
      );
    }
  });
});
