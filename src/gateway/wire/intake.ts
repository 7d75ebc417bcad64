import type { Clock } from '../../lib/clock.ts';
import { CloseCode } from '../../protocol/close-codes.ts';
import { Inlet, type Sink, type Source } from './inlet.ts';
import { IntakeShare, type ShareLimits } from './intake-share.ts';
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
/** How long nobody looks at most whether a user may send again: a timer cannot wait for weeks. */
const MAX_WAIT_MS = 60_000;

export interface IntakeLimits extends ShareLimits {
  readonly maxInputBytesPerUser: number;
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
  const shares = new Map<string, IntakeShare<Inlet>>();
  const maxUnfinishedBytes = limits.maxPayloadBytes + MAX_BETWEEN_BYTES;
  let isStopped = false;

  const turns = createTurns(clock, (share) => serve(share));
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

  const isFull = ({ keptBytes }: IntakeShare<Inlet>) => keptBytes > limits.maxInputBytesPerUser;
  const roomMade = (share: IntakeShare<Inlet>) => {
    if (isStopped) return;
    if (share.heldSince === null) retire(share);
    else if (share.timer === null && !isFull(share)) look(share);
  };

  /** Lets a share go that nobody uses and that has nothing to pay back. */
  const retire = (share: IntakeShare<Inlet>) => {
    if (share.members.length > 0 || share.keptBytes > 0 || share.timer !== null || isStopped) return;
    share.fill(clock.now());
    if (share.isFull) shares.delete(share.userId);
    // Else whoever dials again would begin with a full one.
    else share.timer = clock.setTimeout(() => retireLater(share), share.msUntilFull);
  };
  const retireLater = (share: IntakeShare<Inlet>) => {
    share.timer = null;
    retire(share);
  };
  const leave = (inlet: Inlet) => {
    const { share } = inlet;
    share.members = share.members.filter((member) => member !== inlet);
    inlet.sink.transportClosed();
    retire(share);
  };

  const hold = (share: IntakeShare<Inlet>, now: number) => {
    share.heldSince = now;
    turns.leave(share);
    for (const inlet of share.members) inlet.pause(now);
    if (share.timer !== null) clock.clearTimeout(share.timer);
    lookLater(share);
  };
  const lookLater = (share: IntakeShare<Inlet>) => {
    const waitMs = Math.min(Math.max(1, share.msUntilSome), MAX_WAIT_MS);
    share.timer = clock.setTimeout(() => look(share), waitMs);
  };
  const look = (share: IntakeShare<Inlet>) => {
    share.timer = null;
    share.fill(clock.now());
    if (share.isSpent) lookLater(share);
    // Else whoever makes room looks again.
    else if (!isFull(share)) release(share);
  };
  const release = (share: IntakeShare<Inlet>) => {
    const now = clock.now();
    const heldMs = now - (share.heldSince ?? now);
    share.heldSince = null;
    for (const inlet of share.members) {
      inlet.unfinishedSince += heldMs;
      if (inlet.waiting.length === 0) inlet.resume(now);
    }
    if (share.waiting.length > 0) turns.join(share);
    retire(share);
  };
  const settle = (share: IntakeShare<Inlet>) => {
    if (!(share.isSpent || isFull(share)) || share.heldSince !== null || isStopped) return;
    const now = clock.now();
    share.fill(now);
    if (share.isSpent || isFull(share)) hold(share, now);
  };

  const handOn = ({ share, sink }: Inlet, data: Buffer | ArrayBuffer, isBinary: boolean): number => {
    const begun = clock.now();
    share.fill(begun);
    if (isBinary) sink.receiveBinary(data as ArrayBuffer);
    else sink.receiveText(String(data));
    const spentMs = Math.max(0, clock.now() - begun);
    share.spend(0, spentMs);
    settle(share);
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
      let share = shares.get(userId);
      if (share === undefined) {
        share = new IntakeShare(userId, limits, clock.now());
        shares.set(userId, share);
      }
      const inlet = new Inlet(share, source, sink, roomMade);
      share.members = share.members.concat(inlet);
      if (share.heldSince !== null) inlet.pause(clock.now());
      return inlet;
    },
    arrived(inlet, chunk) {
      if (isStopped) return;
      const { meter, share } = inlet;
      const before = meter.unfinishedBytes;
      const begunCount = meter.take(chunk);
      share.inputBytes += meter.unfinishedBytes - before;
      share.spend(chunk.length + begunCount * FRAME_COST_BYTES, 0);
      if (meter.unfinishedBytes > 0) judgeUnfinished(inlet);
      else if (before > 0) deadline.forget(inlet);
      settle(share);
    },
    received(inlet, data, isBinary) {
      if (isStopped) return;
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
      isStopped = true;
      turns.stop();
      for (const share of shares.values()) {
        if (share.timer !== null) clock.clearTimeout(share.timer);
        share.timer = null;
        share.heldSince = null;
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
