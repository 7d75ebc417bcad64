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
  private isPaused = false;
  private isShut = false;

  constructor(share: IntakeShare<Inlet>, source: Source, sink: Sink) {
    this.share = share;
    this.source = source;
    this.sink = sink;
  }

  pause(): void {
    if (this.isPaused) return;
    this.isPaused = true;
    this.source.pause();
  }

  resume(): void {
    if (!this.isPaused || this.isShut) return;
    this.isPaused = false;
    this.source.resume();
  }

  /** Nothing more is read, not even the answer to the close: a peer that goes on would fill the memory of `ws` meanwhile. */
  shut(): void {
    this.pause();
    this.isShut = true;
  }
}
