import { FrameMeter } from './frame-meter.ts';
import type { IntakeShare } from './intake-share.ts';

/** Whose bytes can be left to TCP for a while. A `ws` socket is one. */
export interface Source {
  pause(): void;
  resume(): void;
}

/** Who gets the frames of a socket. A session is one. */
export interface Sink {
  receiveText(text: string): void;
  receiveBinary(data: ArrayBuffer): void;
  /** The peer lives. */
  receivePong(): void;
  close(code: number, reason: string): void;
  transportClosed(): void;
}

/** Of a socket that has been open for so long, all that came was read, in ms. */
const SETTLED_MS = 1_000;

/** A complete message. */
export interface WaitingFrame {
  readonly data: Buffer | ArrayBuffer;
  readonly isBinary: boolean;
}

/** The way in of one socket: what has come of it and is not taken yet. A class, since there is one per socket. */
export class Inlet {
  readonly share: IntakeShare<Inlet>;
  readonly source: Source;
  readonly sink: Sink;
  readonly meter = new FrameMeter();
  readonly waiting: WaitingFrame[] = [];
  /** When the message began that is not complete. */
  unfinishedSince = 0;
  /** The socket has closed; the frames that wait have come before. */
  hasEnded = false;
  private readonly roomMade: (share: IntakeShare<Inlet>) => void;
  private isPaused = false;
  private isShut = false;
  /** All that had come by then was read, the last time that it was paused or resumed. */
  private readUpTo = Number.NEGATIVE_INFINITY;
  private resumedAt = Number.NEGATIVE_INFINITY;

  constructor(
    share: IntakeShare<Inlet>,
    source: Source,
    sink: Sink,
    roomMade: (share: IntakeShare<Inlet>) => void,
  ) {
    this.roomMade = roomMade;
    this.share = share;
    this.source = source;
    this.sink = sink;
  }

  /** All that had come by then is read. What a peer said later may wait in the buffers of TCP. */
  readUntil(now: number): number {
    return this.isPaused || now - this.resumedAt < SETTLED_MS ? this.readUpTo : now;
  }

  kept(bytes: number): void {
    this.share.keptBytes += bytes;
    if (bytes < 0) this.roomMade(this.share);
  }

  pause(now: number): void {
    if (this.isPaused) return;
    this.readUpTo = this.readUntil(now);
    this.isPaused = true;
    this.source.pause();
  }

  resume(now: number): void {
    if (!this.isPaused || this.isShut) return;
    // What had come when it was resumed before has left the buffers since, or does now, also where it was paused in the same turn.
    this.readUpTo = Math.max(this.readUpTo, this.resumedAt);
    this.resumedAt = now;
    this.isPaused = false;
    this.source.resume();
  }

  /** Nothing more is read, not even the reply to the close: a peer that goes on would fill the memory of `ws` meanwhile. */
  shut(now: number): void {
    this.pause(now);
    this.isShut = true;
  }
}
