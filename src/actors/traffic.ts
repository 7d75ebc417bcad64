import { isArrayBuffer } from '../lib/realms.ts';

/**
 * What has passed the sockets of a connection. A length is that of the text in UTF-16 units, or that of the binary data in
 * bytes: to count the bytes of a text would cost more than all the rest.
 */
export interface Traffic {
  framesIn: number;
  lengthIn: number;
  framesOut: number;
  lengthOut: number;
}

/** The length of a frame; 0 of what no frame can be. */
export const lengthOfFrame = (data: unknown): number => {
  if (typeof data === 'string') return data.length;
  return isArrayBuffer(data) || ArrayBuffer.isView(data) ? data.byteLength : 0;
};
