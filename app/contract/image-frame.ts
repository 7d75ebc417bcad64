/**
 * An image as one binary frame, the same both ways: two bytes of header length (big-endian), the header as UTF-8
 * JSON, then the bytes of the image.
 */
import * as v from 'valibot';

/** The types that are accepted; the server checks the first bytes against them. */
export const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;
/** The largest image, in bytes; with its header it stays below the gateway's payload cap of 1 MiB. */
export const MAX_IMAGE_BYTES = 1_000_000;

/** SQLite ends a text at U+0000: two names that differ behind it would be one. */
const storedName = v.pipe(v.string(), v.minLength(1), v.maxLength(64), v.excludes('\0'));

export const ImageHeader = v.object({
  conversationId: storedName,
  /** The idempotency key on the way up; the id of the stored image (`/api/images/:id`) on the way down. */
  key: storedName,
  mime: v.picklist(IMAGE_TYPES),
});
export type ImageHeader = v.InferOutput<typeof ImageHeader>;

export const encodeImageFrame = (header: ImageHeader, image: Uint8Array): ArrayBuffer => {
  const head = new TextEncoder().encode(JSON.stringify(header));
  const frame = new Uint8Array(2 + head.length + image.length);
  new DataView(frame.buffer).setUint16(0, head.length);
  frame.set(head, 2);
  frame.set(image, 2 + head.length);
  return frame.buffer;
};

/** The header and a view of the image, or null when the frame is no image frame. */
export const decodeImageFrame = (
  frame: ArrayBuffer,
): { header: ImageHeader; image: Uint8Array<ArrayBuffer> } | null => {
  if (frame.byteLength < 2) return null;
  const headLength = new DataView(frame).getUint16(0);
  if (frame.byteLength <= 2 + headLength) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(frame, 2, headLength));
    const header = v.safeParse(ImageHeader, JSON.parse(text));
    return header.success ? { header: header.output, image: new Uint8Array(frame, 2 + headLength) } : null;
  } catch {
    return null; // not UTF-8 or not JSON: the caller reports it
  }
};
