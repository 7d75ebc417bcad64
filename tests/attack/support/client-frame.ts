import { randomBytes } from 'node:crypto';

const lengthBytes = (length: number): number[] => {
  if (length < 126) return [0x80 | length];
  if (length < 65_536) return [0x80 | 126, length >> 8, length & 0xff];
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return [0x80 | 127, ...bytes];
};

/** One frame as a client sends it: masked (RFC 6455 section 5.2). */
export const clientFrame = (opcode: number, payload: Uint8Array, { isLast = true } = {}): Buffer => {
  const mask = randomBytes(4);
  const masked = Buffer.from(payload);
  for (let at = 0; at < masked.length; at += 1) masked[at] = (masked[at] ?? 0) ^ (mask[at % 4] ?? 0);
  return Buffer.concat([
    Buffer.from([(isLast ? 0x80 : 0) | opcode, ...lengthBytes(payload.length)]),
    mask,
    masked,
  ]);
};
