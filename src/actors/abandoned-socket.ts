import type { WebSocketLike } from './web-socket-like.ts';

/** How long an abandoned socket has to close properly, in ms: a few round trips of a slow network. */
const GRACE_MS = 2_000;

/** Whether the platform can end the TCP connection of a socket, as `ws` can. */
export const terminate = (socket: WebSocketLike): boolean => {
  if (typeof socket.terminate !== 'function') return false;
  try {
    socket.terminate();
    return true;
  } catch {
    return false; // as if it could not
  }
};

const closeQuietly = (socket: WebSocketLike, code: number): void => {
  try {
    socket.close(code);
  } catch {
    // It was abandoned: whether the platform could close it already changes nothing. If it opens after all, see onopen.
  }
};

const ignore = (): void => {};

/**
 * Closes a socket that nobody wants any more. One whose peer does not reply to the close is terminated after a grace, where the
 * platform can: else it would hold its TCP connection, and a Node process, for half a minute (`ws`) or for ever.
 *
 * Its handlers are replaced, not removed: `ws` emits an error on closing a socket that is still connecting, and an unheard one
 * ends a Node process; a handshake that could not be called back may still open it. They hold nothing of the connection, so
 * a socket that its platform never frees keeps nothing else alive. The timer is the platform's and holds no process: the
 * connection's own clock may have ended.
 */
export const abandonSocket = (socket: WebSocketLike, code: number): void => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const closes = (): void => {
    closeQuietly(socket, code);
    if (timer !== undefined || socket.readyState === 3 || typeof socket.terminate !== 'function') return;
    timer = setTimeout(() => terminate(socket), GRACE_MS);
    // In Node alone a timer is an object, and may hold the process.
    (timer as { unref?(): void }).unref?.();
  };
  socket.onopen = closes;
  socket.onmessage = ignore;
  socket.onerror = ignore;
  socket.onclose = () => clearTimeout(timer);
  closes();
};
