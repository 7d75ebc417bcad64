import type { SharedFrame } from '../wire/shared-frame.ts';

/** A text, or a frame that other sockets get too, on its way to a socket. */
export type Outgoing = string | SharedFrame;

const bytesOf = (frame: Outgoing): number =>
  typeof frame === 'string' ? Buffer.byteLength(frame) : frame.bytes.length;

/** What waits for one socket that reads slowly, in order, beside what its transport has. */
export class Backlog {
  /** When the socket last took something, or the backlog began. */
  movedAt: number;
  /** What the transport had at the last heartbeat. */
  seenBytes = 0;
  /** Frames that the transport has and that have not left. */
  handedCount = 0;
  /** How much waits here, receipts not counted. */
  bytes = 0;
  private frames: Outgoing[] = [];
  /** The newest receipt of each client. */
  private readonly receipts = new Map<string, string>();
  private waiters: (() => void)[] = [];

  constructor(now: number) {
    this.movedAt = now;
  }

  get isEmpty(): boolean {
    return this.frames.length === 0;
  }

  push(frame: Outgoing): void {
    this.frames.push(frame);
    this.bytes += bytesOf(frame);
  }

  take(): Outgoing | undefined {
    const frame = this.frames.shift();
    if (frame !== undefined) this.bytes -= bytesOf(frame);
    return frame;
  }

  keepReceipt(clientId: string, text: string): void {
    this.receipts.set(clientId, text);
  }

  takeReceipts(): string[] {
    const texts = [...this.receipts.values()];
    this.receipts.clear();
    return texts;
  }

  /** Everything, in the order in which it is sent. */
  takeAll(): Outgoing[] {
    const all = [...this.frames, ...this.takeReceipts()];
    this.frames = [];
    this.bytes = 0;
    return all;
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
