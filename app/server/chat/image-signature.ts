import type { IMAGE_TYPES } from '../../contract/image-frame.ts';

type ImageType = (typeof IMAGE_TYPES)[number];

const startsWith = (bytes: Uint8Array, expected: readonly number[], offset = 0): boolean =>
  expected.every((byte, index) => bytes[offset + index] === byte);
const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));

/** The first bytes of each type. Sources: PNG section 5.2, JPEG (ITU T.81) marker SOI, GIF89a section 17, the WebP container. */
const SIGNATURES: Record<ImageType, (bytes: Uint8Array) => boolean> = {
  'image/png': (bytes) => startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  'image/jpeg': (bytes) => startsWith(bytes, [0xff, 0xd8, 0xff]),
  'image/gif': (bytes) => startsWith(bytes, ascii('GIF87a')) || startsWith(bytes, ascii('GIF89a')),
  'image/webp': (bytes) => startsWith(bytes, ascii('RIFF')) && startsWith(bytes, ascii('WEBP'), 8),
};

/** Whether the bytes begin as their type says. It does not prove that the rest is an image. */
export const hasSignatureOf = (mime: ImageType, bytes: Uint8Array): boolean => SIGNATURES[mime](bytes);
