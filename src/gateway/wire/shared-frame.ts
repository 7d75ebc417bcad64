/** Lengths up to here stand in the second byte of a frame, and up to `MAX_UINT16` in two more (RFC 6455 section 5.2). */
const MAX_SHORT_LENGTH = 125;
const MAX_UINT16 = 0xff_ff;
/** The first byte of a whole, uncompressed message: FIN and the opcode. */
const WHOLE_TEXT = 0x81;
const WHOLE_BINARY = 0x82;

/** The frame of a server, which masks nothing, with `length` bytes of payload to fill in from the returned place on. */
const frameOf = (first: number, length: number): { frame: Buffer; payloadAt: number } => {
  const payloadAt = length <= MAX_SHORT_LENGTH ? 2 : length <= MAX_UINT16 ? 4 : 10;
  const frame = Buffer.allocUnsafe(payloadAt + length);
  frame[0] = first;
  if (payloadAt === 2) frame[1] = length;
  else if (payloadAt === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  return { frame, payloadAt };
};

/** From here on `Buffer.allocUnsafe` uses no pool. */
const MAX_POOLED_BYTES = Buffer.poolSize >>> 1;

const bytesIn = (payload: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(payload)
    ? new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength)
    : new Uint8Array(payload);

/**
 * A message to many sockets. Its frame, header and all, is built once, when the first of them takes it: what a text costs in
 * UTF-8 is paid once, and each socket gets one write.
 */
export class SharedFrame {
  readonly payload: string | ArrayBuffer | ArrayBufferView;
  private built: Buffer | null = null;

  /** @param payload Bytes must not change before the frame was sent to all. */
  constructor(payload: string | ArrayBuffer | ArrayBufferView) {
    this.payload = payload;
  }

  /** The whole frame, to be written as it is. */
  get bytes(): Buffer {
    this.built ??= this.build();
    return this.built;
  }

  /**
   * The same, to be kept for long: a small buffer comes out of a pool, all of which it keeps, and a message may keep another
   * that it is a part of.
   */
  get toKeep(): string | SharedFrame {
    const { payload } = this;
    if (this.bytes.length >= MAX_POOLED_BYTES) return this;
    return typeof payload === 'string' ? payload : new SharedFrame(new Uint8Array(bytesIn(payload)));
  }

  private build(): Buffer {
    const { payload } = this;
    if (typeof payload === 'string') {
      const { frame, payloadAt } = frameOf(WHOLE_TEXT, Buffer.byteLength(payload));
      frame.write(payload, payloadAt);
      return frame;
    }
    const data = bytesIn(payload);
    const { frame, payloadAt } = frameOf(WHOLE_BINARY, data.byteLength);
    frame.set(data, payloadAt);
    return frame;
  }
}

/** Frames one after the other, as they are written. */
export const joinFrames = (frames: readonly (string | SharedFrame)[]): Buffer => {
  const parts = frames.map((frame) => (typeof frame === 'string' ? new SharedFrame(frame) : frame).bytes);
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
};
