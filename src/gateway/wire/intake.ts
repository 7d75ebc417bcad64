import type { Clock } from '../../lib/clock.ts';
import { CloseCode } from '../../protocol/close-codes.ts';
import { Inlet, type Sink, type Source } from './inlet.ts';
import { createIntakeHolds, type HoldLimits } from './intake-holds.ts';
import type { IntakeShare } from './intake-share.ts';
import { createTurns } from './intake-turns.ts';
import { MessageDeadline } from './message-deadline.ts';

/** A message in more frames than this is refused. Chromium makes nine of a MiB. */
export const MAX_FRAGMENT_COUNT = 256;
/** A message that comes in more pieces of TCP than this is refused: a MiB in the smallest segments of the internet takes 2,000. */
export const MAX_CHUNK_COUNT = 4_096;
/** What may stand between the fragments of a message: headers and control frames. */
const MAX_BETWEEN_BYTES = 256 * 1024;
/** What a frame costs beside its bytes, in bytes: small ones cost by their number. */
const FRAME_COST_BYTES = 256;
/** How many complete messages of one socket may wait. One read of 64 KiB seldom holds as many. */
const MAX_WAITING_FRAMES_COUNT = 4_096;
export interface IntakeLimits extends HoldLimits {
  readonly messageDeadlineMs: number;
}

/**
 * All that comes in through the sockets of one process, in an order that is fair. A small frame is handed on at once as long as
 * there is little to do. What is large, or more than that, waits for its turn: turns go round by user, then by socket, whoever has
 * sent little first, some 20 ms of them before the loop goes on. A user who has used up what bytes and time of the loop a second
 * has is not read from at all for a while. Frames of one socket keep their order.
 */
export interface Intake {
  /** Counts a socket in. Whoever calls it tells what happens to that socket. */
  join(userId: string, source: Source, sink: Sink): Inlet;
  /** Bytes have come, of which `ws` knows nothing yet. */
  arrived(inlet: Inlet, chunk: Uint8Array): void;
  /** A message is complete. */
  received(inlet: Inlet, data: Buffer | ArrayBuffer, isBinary: boolean): void;
  /** The socket has closed. Its session is told when all that came before was handed on. */
  ended(inlet: Inlet): void;
  /** Takes nothing more, forgets what waits, lets all sockets be read to their end, and leaves no timer. */
  stop(): void;
}

export const createIntake = (limits: IntakeLimits, clock: Clock): Intake => {
  const maxUnfinishedBytes = limits.maxPayloadBytes + MAX_BETWEEN_BYTES;

  const turns = createTurns(clock, (share) => serve(share));
  const holds = createIntakeHolds(limits, clock, turns);
  const refuse = (inlet: Inlet, code: number, reason: string) => {
    forgetWaiting(inlet);
    inlet.shut(clock.now());
    inlet.sink.close(code, reason);
  };
  const forgetWaiting = (inlet: Inlet) => {
    for (const { data } of inlet.waiting) inlet.share.inputBytes -= data.byteLength;
    inlet.waiting.length = 0;
    const at = inlet.share.waiting.indexOf(inlet);
    if (at !== -1) inlet.share.waiting.splice(at, 1);
  };

  const deadline = new MessageDeadline(clock, limits.messageDeadlineMs, (inlet) =>
    refuse(inlet, CloseCode.SlowConsumer, 'message too slow'),
  );

  const leave = (inlet: Inlet) => {
    const { share } = inlet;
    share.members = share.members.filter((member) => member !== inlet);
    inlet.sink.transportClosed();
    holds.retire(share);
  };

  const handOn = ({ share, sink }: Inlet, data: Buffer | ArrayBuffer, isBinary: boolean): number => {
    const begun = clock.now();
    share.fill(begun);
    if (isBinary) sink.receiveBinary(data as ArrayBuffer);
    else sink.receiveText(String(data));
    const spentMs = Math.max(0, clock.now() - begun);
    share.spend(0, spentMs);
    holds.settle(share);
    return spentMs;
  };

  /** Hands on one frame of a user; whether more of them waits. */
  const serve = (share: IntakeShare<Inlet>): boolean => {
    const inlet = share.waiting.shift();
    const frame = inlet?.waiting.shift();
    if (inlet === undefined || frame === undefined) return false;
    if (inlet.waiting.length > 0) share.waiting.push(inlet);
    share.inputBytes -= frame.data.byteLength;
    // It has come long ago.
    inlet.sink.receivePong();
    handOn(inlet, frame.data, frame.isBinary);
    if (inlet.waiting.length === 0) {
      if (inlet.hasEnded) leave(inlet);
      else if (share.heldSince === null) inlet.resume(clock.now());
    }
    return share.heldSince === null && share.waiting.length > 0;
  };

  const keep = (inlet: Inlet, data: Buffer | ArrayBuffer, isBinary: boolean) => {
    const { share } = inlet;
    inlet.pause(clock.now());
    inlet.waiting.push({ data, isBinary });
    share.inputBytes += data.byteLength;
    if (inlet.waiting.length === 1) share.waiting.push(inlet);
    if (inlet.waiting.length > MAX_WAITING_FRAMES_COUNT) refuse(inlet, CloseCode.TooMany, 'too many frames');
    else if (share.inputBytes > limits.maxInputBytesPerUser) {
      refuse(inlet, CloseCode.TooMany, 'too much at once');
    } else if (share.heldSince === null) turns.join(share);
  };

  /** A message is not complete after a chunk. */
  const judgeUnfinished = (inlet: Inlet) => {
    const { meter, share } = inlet;
    if (
      meter.unfinishedBytes > maxUnfinishedBytes ||
      meter.fragmentCount > MAX_FRAGMENT_COUNT ||
      meter.unfinishedChunkCount > MAX_CHUNK_COUNT
    ) {
      refuse(inlet, CloseCode.TooBig, 'message too big');
    } else if (share.inputBytes > limits.maxInputBytesPerUser) {
      refuse(inlet, CloseCode.TooMany, 'too much at once');
    } else {
      deadline.watch(inlet);
      // The pong of a peer on a slow link stands behind the rest of the message.
      inlet.sink.receivePong();
    }
  };

  return {
    join(userId, source, sink) {
      const share = holds.of(userId);
      const inlet = new Inlet(share, source, sink, holds.roomMade);
      share.members = share.members.concat(inlet);
      if (share.heldSince !== null) inlet.pause(clock.now());
      return inlet;
    },
    arrived(inlet, chunk) {
      if (holds.isStopped) return;
      const { meter, share } = inlet;
      const before = meter.unfinishedBytes;
      const begunCount = meter.take(chunk);
      share.inputBytes += meter.unfinishedBytes - before;
      share.spend(chunk.length + begunCount * FRAME_COST_BYTES, 0);
      if (meter.unfinishedBytes > 0) judgeUnfinished(inlet);
      else if (before > 0) deadline.forget(inlet);
      holds.settle(share);
    },
    received(inlet, data, isBinary) {
      if (holds.isStopped) return;
      const isFree = inlet.waiting.length === 0 && inlet.share.heldSince === null;
      if (isFree && turns.hasRoomFor(data.byteLength)) turns.spend(handOn(inlet, data, isBinary));
      else keep(inlet, data, isBinary);
    },
    ended(inlet) {
      deadline.forget(inlet);
      inlet.share.inputBytes -= inlet.meter.unfinishedBytes;
      inlet.hasEnded = true;
      if (inlet.waiting.length === 0) leave(inlet);
    },
    stop() {
      turns.stop();
      for (const share of holds.stop()) {
        for (const inlet of share.members) {
          deadline.forget(inlet);
          forgetWaiting(inlet);
          inlet.resume(clock.now());
          if (inlet.hasEnded) leave(inlet);
        }
      }
    },
  };
};
