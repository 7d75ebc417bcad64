/** Opcodes from here on are of control frames, which may stand between the fragments of a message (RFC 6455 section 5.5). */
const FIRST_CONTROL_OPCODE = 8;

/**
 * Follows the frames of one socket by their headers (RFC 6455 section 5.2), and keeps no byte of them. Says what nothing else
 * says: that a message has begun and is not complete, and how much has come since. Does not judge frames; `ws` does.
 */
export class FrameMeter {
  /** Bytes since the beginning of the message that is not complete, with the control frames between; 0: there is none. */
  unfinishedBytes = 0;
  /** In how many chunks they came. */
  unfinishedChunkCount = 0;
  /** Frames of that message so far. */
  fragmentCount = 0;
  /** Bytes of the header that have come; 0 between frames and within a payload. */
  private headerBytes = 0;
  private headerLength = 0;
  /** Where the mask begins in it, after the length. */
  private maskAt = 0;
  private firstByte = 0;
  private payloadLength = 0;
  private payloadLeft = 0;

  /** Takes what came next. Returns how many frames began in it. */
  take(chunk: Uint8Array): number {
    const end = chunk.length;
    let begunCount = 0;
    let at = 0;
    while (at < end) {
      if (this.payloadLeft > 0) {
        const length = Math.min(this.payloadLeft, end - at);
        this.payloadLeft -= length;
        at += length;
        if (this.payloadLeft === 0) this.endFrame(at);
      } else {
        if (this.headerBytes === 0) begunCount += 1;
        this.readHeader(chunk[at] ?? 0);
        at += 1;
        if (this.headerBytes === 0 && this.payloadLeft === 0) this.endFrame(at);
      }
    }
    // `endFrame` has counted back what came before the last boundary.
    this.unfinishedBytes += end;
    if (this.unfinishedBytes === 0) this.unfinishedChunkCount = 0;
    else this.unfinishedChunkCount += 1;
    return begunCount;
  }

  private readHeader(byte: number): void {
    this.headerBytes += 1;
    if (this.headerBytes === 1) {
      this.firstByte = byte;
      if ((byte & 0x0f) < FIRST_CONTROL_OPCODE) this.fragmentCount += 1;
      return;
    }
    if (this.headerBytes === 2) {
      const short = byte & 0x7f;
      const extendedBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
      this.payloadLength = extendedBytes === 0 ? short : 0;
      this.headerLength = 2 + extendedBytes + ((byte & 0x80) === 0 ? 0 : 4);
      this.maskAt = 2 + extendedBytes;
    } else if (this.headerBytes <= this.maskAt) this.payloadLength = this.payloadLength * 256 + byte;
    if (this.headerBytes < this.headerLength) return;
    this.headerBytes = 0;
    this.payloadLeft = this.payloadLength;
  }

  /** A frame has ended before this place of the chunk. */
  private endFrame(at: number): void {
    const isControl = (this.firstByte & 0x0f) >= FIRST_CONTROL_OPCODE;
    const isLast = (this.firstByte & 0x80) !== 0;
    if (isControl ? this.fragmentCount > 0 : !isLast) return;
    this.fragmentCount = 0;
    this.unfinishedChunkCount = 0;
    this.unfinishedBytes = -at;
  }
}
