import type { SharedFrame } from '../wire/shared-frame.ts';

/** A text, or a frame that other sockets get too, on its way to a socket. */
export type Outgoing = string | SharedFrame;

/** What a frame that waits takes beside its bytes, as measured (docs/decisions/outlet.md): a string, or a buffer of its own. */
const TEXT_COST_BYTES = 64;
const BUFFER_COST_BYTES = 256;
/** How many of those that were taken may be left in the list, at least. */
const MIN_TAKEN_COUNT = 1_024;

const sizeOf = (frame: Outgoing): number =>
  typeof frame === 'string' ? Buffer.byteLength(frame) : frame.bytes.length;
const costOf = (frame: Outgoing): number =>
  sizeOf(frame) + (typeof frame === 'string' ? TEXT_COST_BYTES : BUFFER_COST_BYTES);

/** What waits for one socket that reads slowly, in order, beside what its transport has. */
export class Backlog {
  /** When the socket last took something, or the backlog began. */
  movedAt: number;
  /** What the transport had at the last heartbeat. */
  seenBytes = 0;
  /** How much waits here, and what it takes to keep it. Receipts are not counted. */
  bytes = 0;
  private frames: Outgoing[] = [];
  /** Where the first frame is that was not taken: to move all the others up for each one taken is quadratic. */
  private head = 0;
  /** The newest receipt of each client. */
  private readonly receipts = new Map<string, string>();
  private waiters: (() => void)[] = [];

  constructor(now: number) {
    this.movedAt = now;
  }

  get isEmpty(): boolean {
    return this.head === this.frames.length;
  }

  push(frame: Outgoing): void {
    const kept = typeof frame === 'string' ? frame : frame.toKeep;
    this.frames.push(kept);
    this.bytes += costOf(kept);
  }

  /** The first frames, up to so many and so many bytes; one in any case, where there is one. */
  take(maxCount: number, maxBytes: number): Outgoing[] {
    const { frames } = this;
    const taken: Outgoing[] = [];
    let size = 0;
    while (taken.length < maxCount) {
      const frame = frames[this.head];
      if (frame === undefined) break;
      size += sizeOf(frame);
      if (taken.length > 0 && size > maxBytes) break;
      taken.push(frame);
      this.bytes -= costOf(frame);
      this.head += 1;
    }
    if (this.head >= MIN_TAKEN_COUNT && this.head * 2 >= frames.length) {
      this.frames = frames.slice(this.head);
      this.head = 0;
    }
    return taken;
  }

  keepReceipt(clientId: string, text: string): void {
    this.receipts.set(clientId, text);
  }

  takeReceipts(): string[] {
    const texts = [...this.receipts.values()];
    this.receipts.clear();
    return texts;
  }

  /** Resolves when there is room, or there is nothing to wait for any more. */
  room(): Promise<void> {
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  tellAll(): void {
    const { waiters } = this;
    this.waiters = [];
    for (const goOn of waiters) goOn();
  }
}
