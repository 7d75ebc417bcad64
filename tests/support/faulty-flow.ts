import type { Socket } from 'node:net';

/** One direction of a TCP link, from one socket to the other, with the faults that a network has. */
export interface FaultyFlow {
  /** Holds everything back, the end included; neither side learns of it. */
  stall(): void;
  /** Loses everything, the end included; neither side learns of it. */
  drop(): void;
  /** Lets this many bytes through per second. */
  slow(bytesPerSecond: number): void;
  /** Lets this many more bytes through and then resets the link. */
  cutAfter(byteCount: number): void;
  /** Ends the faults. What was held back flows on; a flow that lost something is reset, since TCP delivers no holes. */
  heal(): void;
  /** Ends it and its timer. */
  stop(): void;
}

/** How many pieces a slow second has. */
const PIECES_PER_SECOND = 50;

/**
 * Carries what `from` receives to `to`, byte by byte the same. `reset` ends the whole link, as an RST of the network would.
 * Both sockets need `allowHalfOpen`, so that each direction ends by itself.
 */
export const createFaultyFlow = (from: Socket, to: Socket, reset: () => void): FaultyFlow => {
  let mode: 'pass' | 'stall' | 'drop' = 'pass';
  let bytesPerSecond = Number.POSITIVE_INFINITY;
  let bytesToCut = Number.POSITIVE_INFINITY;
  let queue: Buffer[] = [];
  let end: 'none' | 'fin' | 'reset' = 'none';
  let congested = false;
  let lossy = false;
  let pause: ReturnType<typeof setTimeout> | null = null;

  const takePiece = (piece: Buffer): void => {
    const byteCount = Math.min(
      piece.length,
      bytesToCut,
      Math.max(1, Math.floor(bytesPerSecond / PIECES_PER_SECOND)),
    );
    if (byteCount === piece.length) queue.shift();
    else queue[0] = piece.subarray(byteCount);
    bytesToCut -= byteCount;
    const bytes = piece.subarray(0, byteCount);
    if (bytesToCut === 0) {
      // Only once the peer's kernel has them: an RST throws away what is still on this side.
      to.write(bytes, reset);
      return;
    }
    congested = !to.write(bytes);
    if (bytesPerSecond === Number.POSITIVE_INFINITY) return;
    pause = setTimeout(
      () => {
        pause = null;
        flow();
      },
      (byteCount / bytesPerSecond) * 1_000,
    );
  };

  const flow = (): void => {
    if (mode !== 'pass' || to.destroyed) return;
    if (end === 'reset') {
      reset();
      return;
    }
    while (queue[0] !== undefined && pause === null && !congested && bytesToCut > 0) takePiece(queue[0]);
    if (bytesToCut === 0) return;
    if (queue.length > 0) from.pause();
    else if (end === 'fin') to.end();
    else from.resume();
  };

  from.on('data', (bytes: Buffer) => {
    if (mode === 'drop') lossy = true;
    else queue.push(bytes);
    flow();
  });
  from.on('end', () => {
    if (mode === 'drop') lossy = true;
    end = 'fin';
    flow();
  });
  from.on('error', () => {}); // 'close' tells
  from.on('close', (hadError) => {
    if (hadError) end = 'reset';
    flow();
  });
  to.on('drain', () => {
    congested = false;
    flow();
  });

  return {
    stall() {
      mode = 'stall';
      from.pause();
    },
    drop() {
      mode = 'drop';
      lossy ||= queue.length > 0;
      queue = [];
      from.resume();
    },
    slow(rate) {
      bytesPerSecond = rate;
    },
    cutAfter(byteCount) {
      bytesToCut = byteCount;
      if (byteCount === 0) reset();
    },
    heal() {
      mode = 'pass';
      bytesPerSecond = Number.POSITIVE_INFINITY;
      bytesToCut = Number.POSITIVE_INFINITY;
      if (lossy) reset();
      else flow();
    },
    stop() {
      mode = 'drop';
      if (pause !== null) clearTimeout(pause);
      pause = null;
    },
  };
};
