import { isArrayBuffer } from '../lib/realms.ts';

/** What is counted of the frames that pass. */
export const TRAFFIC = ['framesIn', 'lengthIn', 'framesOut', 'lengthOut'] as const;

/**
 * What has passed the sockets of a connection. A length is that of the text in UTF-16 units, or that of the binary data in
 * bytes: to count the bytes of a text would cost more than all the rest.
 */
export type Traffic = Record<(typeof TRAFFIC)[number], number>;

/** The length of a frame; 0 of what no frame can be. */
export const lengthOfFrame = (data: unknown): number => {
  if (typeof data === 'string') return data.length;
  return isArrayBuffer(data) || ArrayBuffer.isView(data) ? data.byteLength : 0;
};
