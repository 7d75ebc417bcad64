import type { Clock } from '../lib/clock.ts';
import { createTimer } from '../lib/timer.ts';
import type { WebSocketLike } from './web-socket-like.ts';

/** How often an open socket is looked at, in ms. No platform tells that a close has begun. */
const LOOK_MS = 4_000;
/** How long a close may take that has begun, in ms. Chromium gives it 2 s, then tells the code. */
const CLOSE_MS = 3_000;
/** How long the platform has to tell of a close that was forced, in ms. */
const FORCED_MS = 1_000;

const CLOSING = 2;

export interface ClosingWatchOptions {
  readonly socket: Pick<WebSocketLike, 'readyState'>;
  readonly clock: Clock;
  /** Called at each look of the watch's own, every {@link LOOK_MS}. */
  readonly onLook: () => void;
  /** Ends the TCP connection, so that the platform tells the close code it has. False: it cannot. */
  readonly force: () => boolean;
  /** The close has begun and does not end. */
  readonly onStuck: () => void;
}

/** Looks whether an open socket is CLOSING, which no event tells of. */
export interface ClosingWatch {
  /** Looks now: a frame could not be sent. */
  look(): void;
  stop(): void;
}

/**
 * A server's close frame has come, and its TCP connection does not end: `ws` waits 30 s for it, undici for ever. Such a socket
 * still counts as open, and carries nothing. It is given {@link CLOSE_MS}; then it is forced where the platform can, so that its
 * true code is told, and else given up.
 */
export const createClosingWatch = ({
  socket,
  clock,
  onLook,
  force,
  onStuck,
}: ClosingWatchOptions): ClosingWatch => {
  /** Until the close has begun, and from then on. What is told within `force` ends both. */
  const looks = createTimer(clock);
  const close = createTimer(clock);

  const giveUp = (): void => {
    if (force()) close.start(FORCED_MS, onStuck);
    else onStuck();
  };
  const look = (): void => {
    if (looks.dueAt === null || socket.readyState < CLOSING) return;
    looks.end();
    close.expect(CLOSE_MS, giveUp);
  };
  const watch = (): void =>
    looks.start(LOOK_MS, () => {
      onLook();
      watch();
      look();
    });
  watch();

  return {
    look,
    stop() {
      looks.end();
      close.end();
    },
  };
};
