import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IMAGE_TYPES } from '../../../app/contract/image-frame.ts';
import {
  exifOrientation,
  exifWithOrientation,
} from '../../../app/server/chat/image-metadata/exif-orientation.ts';
import { withoutMetadata } from '../../../app/server/chat/image-metadata/without-metadata.ts';

const SECRET = 'Gwen, 1 Secret Street';
const bytesOf = (...parts: (string | number[] | Uint8Array)[]): Uint8Array =>
  new Uint8Array(
    Buffer.concat(
      parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
    ),
  );
const uint32 = (value: number, isLittle = false): Uint8Array => {
  const bytes = Buffer.alloc(4);
  if (isLittle) bytes.writeUInt32LE(value);
  else bytes.writeUInt32BE(value);
  return bytes;
};

const pngChunk = (type: string, data: string | Uint8Array) =>
  bytesOf(uint32(data.length), type, bytesOf(data), 'CRC!');
const png = (...chunks: Uint8Array[]) => bytesOf([0x89], 'PNG\r\n\x1a\n', ...chunks);

const segment = (marker: number, content: string | Uint8Array) => {
  const length = content.length + 2;
  return bytesOf([0xff, marker, length >> 8, length & 0xff], bytesOf(content));
};
/** An Exif segment in either byte order, with the camera's owner before the orientation. */
const exif = (orientation: number, isLittle: boolean) => {
  const short = (value: number) => (isLittle ? [value, 0] : [0, value]);
  const tag = (name: number[], value: number) =>
    bytesOf(isLittle ? name.toReversed() : name, short(3), uint32(1, isLittle), short(value), [0, 0]);
  const tiff = bytesOf(
    isLittle ? 'II' : 'MM',
    short(42),
    uint32(8, isLittle),
    short(2),
    tag([0x01, 0x00], 7),
    tag([0x01, 0x12], orientation),
  );
  return segment(0xe1, bytesOf('Exif\0\0', tiff, uint32(0), SECRET));
};
const SCAN = bytesOf(segment(0xda, 'head'), 'data', [0xff, 0x00], 'more', [0xff, 0xd0], 'after a restart');
/** Version 1.1, no units, densities of 1, no thumbnail. */
const JFIF = bytesOf('JFIF\0', [1, 1, 0, 0, 1, 0, 1, 0, 0]);
const jpeg = (...segments: Uint8Array[]) => bytesOf([0xff, 0xd8], ...segments, [0xff, 0xd9]);

const webpChunk = (type: string, data: string | Uint8Array) =>
  bytesOf(type, uint32(data.length, true), bytesOf(data), data.length % 2 === 1 ? [0] : []);
const webp = (...chunks: Uint8Array[]) => {
  const content = bytesOf('WEBP', ...chunks);
  return bytesOf('RIFF', uint32(content.length, true), content);
};

const gif = (...blocks: Uint8Array[]) =>
  // Two colours in the table.
  bytesOf('GIF89a', [1, 0, 1, 0, 0x80, 0, 0], 'rgbRGB', ...blocks, ';');
const gifImage = bytesOf([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0], [2], [2, 0x44, 1], [0]);
const gifExtension = (label: number, ...blocks: string[]) =>
  bytesOf([0x21, label], ...blocks.map((block) => bytesOf([block.length], block)), [0]);

describe('the metadata of images', () => {
  it('goes from a PNG: text, Exif, time, profile, provenance, private chunks and what comes after the end', () => {
    const [head, data, end] = [pngChunk('IHDR', 'size'), pngChunk('IDAT', 'pixels'), pngChunk('IEND', '')];
    const telling = ['tEXt', 'zTXt', 'iTXt', 'eXIf', 'tIME', 'iCCP', 'caBX', 'prVt'].map((type) =>
      pngChunk(type, SECRET),
    );
    const dirty = bytesOf(png(head, ...telling, data, end), SECRET);
    expect(withoutMetadata('image/png', dirty)).toEqual(png(head, data, end));
  });

  it('goes from a JPEG: Exif, XMP, IPTC, comments, profiles, thumbnails and a second picture after the end', () => {
    const kept = [segment(0xe0, JFIF), segment(0xee, 'Adobe'), segment(0xdb, 'tables')];
    const withThumbnail = segment(0xe0, bytesOf(JFIF.subarray(0, -2), [1, 1], 'rgb', SECRET));
    const telling = [
      segment(0xe0, `JFXX\0${SECRET}`),
      segment(0xe2, `ICC_PROFILE\0${SECRET}`),
      segment(0xf7, SECRET),
      exif(1, false),
      segment(0xe1, `http://ns.adobe.com/xap/1.0/\0${SECRET}`),
      segment(0xe2, `MPF\0${SECRET}`),
      segment(0xed, `Photoshop 3.0\0${SECRET}`),
      segment(0xfe, SECRET),
    ];
    const dirty = bytesOf(
      jpeg(...telling, withThumbnail, ...kept.slice(1), SCAN, segment(0xfe, SECRET), SCAN),
      jpeg(exif(6, true)),
    );
    expect(withoutMetadata('image/jpeg', dirty)).toEqual(jpeg(...kept, SCAN, SCAN));
  });

  it('leaves a JPEG as upright as it was, in either byte order', () => {
    for (const isLittle of [true, false]) {
      for (const orientation of [1, 3, 6, 8]) {
        const clean = withoutMetadata('image/jpeg', jpeg(exif(orientation, isLittle), SCAN));
        expect(clean).toEqual(jpeg(exifWithOrientation(orientation), SCAN));
        expect(exifOrientation(clean.subarray(2))).toBe(orientation);
      }
    }
  });

  it('goes from a WebP: profile, provenance, Exif and XMP, with their announcement', () => {
    const pixels = webpChunk('VP8 ', 'odd');
    const dirty = webp(
      webpChunk('VP8X', bytesOf([0x3c], '123456789')),
      pixels,
      webpChunk('ICCP', SECRET),
      webpChunk('C2PA', SECRET),
      webpChunk('EXIF', SECRET),
      webpChunk('XMP ', SECRET),
    );
    const clean = webp(webpChunk('VP8X', bytesOf([0x10], '123456789')), pixels);
    expect(withoutMetadata('image/webp', bytesOf(dirty, SECRET))).toEqual(clean);
  });

  it('goes from a GIF: comments, XMP and what comes after the end; it goes on repeating', () => {
    const repeat = gifExtension(0xff, 'NETSCAPE2.0', '\x01\0\0');
    const control = gifExtension(0xf9, '\0\0\0\0');
    const telling = [gifExtension(0xfe, SECRET, SECRET), gifExtension(0xff, 'XMP DataXMP', SECRET)];
    const dirty = bytesOf(gif(repeat, ...telling, control, gifImage), SECRET);
    expect(withoutMetadata('image/gif', dirty)).toEqual(gif(repeat, control, gifImage));
  });

  it('goes from a GIF also where it hides in what is kept: unknown extensions, plain text, and more in the repeating', () => {
    const repeat = gifExtension(0xff, 'NETSCAPE2.0', '\x01\x05\0');
    const hiding = [
      gifExtension(0xff, 'NETSCAPE2.0', '\x01\x05\0', SECRET),
      gifExtension(0x01, SECRET.slice(0, 12), SECRET),
      gifExtension(0xf9, '\0\0\0\0', SECRET),
      gifExtension(0xaa, SECRET),
      gifExtension(0xff, 'NETSCAPE2.0', SECRET),
    ];
    expect(withoutMetadata('image/gif', gif(...hiding, gifImage))).toEqual(gif(repeat, gifImage));
  });

  it('goes from a GIF whose blocks stop making sense: nothing of what follows is kept', () => {
    const broken = bytesOf(gif(gifImage).subarray(0, -1), [0x99], SECRET);
    expect(withoutMetadata('image/gif', broken)).toEqual(gif(gifImage).subarray(0, -1));
  });

  it('goes from the frames of a WebP animation, from a header that is too long, and from its reserved bits', () => {
    const head = '0123456789abcdef';
    const pixels = bytesOf(
      webpChunk('VP8L', 'pixels'),
      webpChunk('ALPH', 'alpha'),
      webpChunk('VP8 ', 'lossy'),
    );
    const dirty = webp(
      webpChunk('VP8X', bytesOf([0xff], '123456789', SECRET)),
      webpChunk('ANIM', '123456'),
      webpChunk('ANMF', bytesOf(head, webpChunk('EXIF', SECRET), pixels, webpChunk('abcd', SECRET))),
    );
    const clean = webp(
      webpChunk('VP8X', bytesOf([0x12], '123456789')),
      webpChunk('ANIM', '123456'),
      webpChunk('ANMF', bytesOf(head, pixels)),
    );
    expect(withoutMetadata('image/webp', dirty)).toEqual(clean);
  });

  it('never fails and never grows a file by more than an end, however damaged it is (I16)', () => {
    const samples = {
      png: png(pngChunk('IHDR', 'x')),
      jpeg: jpeg(exif(6, true), SCAN),
      webp: webp(webpChunk('VP8X', '0123456789')),
      gif: gif(gifImage),
    };
    for (const mime of IMAGE_TYPES) {
      const sample = samples[mime.slice('image/'.length) as keyof typeof samples];
      fc.assert(
        fc.property(fc.nat({ max: sample.length }), fc.uint8Array({ maxLength: 60 }), (cut, junk) => {
          const damaged = bytesOf(sample.subarray(0, Math.max(12, cut)), junk);
          expect(withoutMetadata(mime, damaged).length).toBeLessThanOrEqual(damaged.length + 2);
        }),
      );
    }
  });
});
