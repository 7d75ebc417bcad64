import type { TimerHandle } from '../../lib/clock.ts';

/** For how many seconds nothing was sent, at the most, is made good at once. */
const BURST_SECONDS = 4;

/** What one user may send in a second, over all sockets. */
export interface ShareLimits {
  readonly maxBytesPerSecond: number;
  readonly maxLoopMsPerSecond: number;
  readonly maxPayloadBytes: number;
}

/**
 * What one user may still send: bytes, and time of the loop. Both may go below zero, since nobody knows before what a frame
 * takes; then the user waits until they are back. All sockets of a user have one share.
 */
export class IntakeShare<Member> {
  readonly userId: string;
  /** A list, and another one at each change: nearly always there is one, and a Set would cost each user 200 bytes. */
  members: readonly Member[] = [];
  /** Members that have frames which wait, in the order of their turns. */
  readonly waiting: Member[] = [];
  /** Bytes of unfinished messages and of frames that wait. */
  inputBytes = 0;
  /** Bytes of memory that commands take which run or wait. They may outlive their socket. */
  keptBytes = 0;
  /** Since when nothing is taken of this user; null: something is. */
  heldSince: number | null = null;
  timer: TimerHandle | null = null;
  private readonly limits: ShareLimits;
  private bytesLeft: number;
  private loopMsLeft: number;
  private filledAt: number;

  constructor(userId: string, limits: ShareLimits, now: number) {
    this.userId = userId;
    this.limits = limits;
    this.bytesLeft = this.maxBytes;
    this.loopMsLeft = this.maxLoopMs;
    this.filledAt = now;
  }

  get isSpent(): boolean {
    return this.bytesLeft < 0 || this.loopMsLeft < 0;
  }

  /** Whether the user has sent little of late: more than half of both is left. */
  isQuiet(now: number): boolean {
    this.fill(now);
    return this.bytesLeft > this.maxBytes / 2 && this.loopMsLeft > this.maxLoopMs / 2;
  }

  get isFull(): boolean {
    return this.msUntil(this.maxBytes, this.maxLoopMs) <= 0;
  }

  /** How long until it is not spent any more. */
  get msUntilSome(): number {
    return this.msUntil(0, 0);
  }

  get msUntilFull(): number {
    return this.msUntil(this.maxBytes, this.maxLoopMs);
  }

  spend(bytes: number, loopMs: number): void {
    this.bytesLeft -= bytes;
    this.loopMsLeft -= loopMs;
  }

  fill(now: number): void {
    const seconds = Math.max(0, now - this.filledAt) / 1000;
    const { maxBytesPerSecond, maxLoopMsPerSecond } = this.limits;
    this.bytesLeft = Math.min(this.maxBytes, this.bytesLeft + seconds * maxBytesPerSecond);
    this.loopMsLeft = Math.min(this.maxLoopMs, this.loopMsLeft + seconds * maxLoopMsPerSecond);
    this.filledAt = now;
  }

  // A frame of the largest size, and one more, never have to wait for bytes.
  private get maxBytes(): number {
    return Math.max(BURST_SECONDS * this.limits.maxBytesPerSecond, 2 * this.limits.maxPayloadBytes);
  }

  private get maxLoopMs(): number {
    return BURST_SECONDS * this.limits.maxLoopMsPerSecond;
  }

  private msUntil(bytes: number, loopMs: number): number {
    const { maxBytesPerSecond, maxLoopMsPerSecond } = this.limits;
    const seconds = Math.max(
      (bytes - this.bytesLeft) / maxBytesPerSecond,
      (loopMs - this.loopMsLeft) / maxLoopMsPerSecond,
    );
    return Math.max(0, Math.ceil(seconds * 1000));
  }
}
