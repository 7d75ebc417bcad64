import type { SharedFrame } from './shared-frame.ts';

/**
 * What a session needs of a socket. Apart from `ws`, so that a session also runs against a simulated one.
 * No method throws, also when the socket is gone.
 */
export interface SessionTransport {
  /** Whether what is sent may still leave. Once false, it stays so: what is sent then is lost. */
  readonly isOpen: boolean;
  /** Sends one text, or a frame that others get too. */
  send(frame: string | SharedFrame): void;
  /**
   * Sends frames in one write. `flushed` is called once, when the last of them has left the process, or never will; it is never
   * called before this method has returned, so that whoever sends again in it makes no recursion.
   */
  sendAll(frames: readonly (string | SharedFrame)[], flushed?: () => void): void;
  /** Asks the peer for a pong (RFC 6455 section 5.5.2). */
  ping(): void;
  /** Starts the closing handshake. A peer that does not reply in time is terminated by the transport. */
  close(code: number, reason: string): void;
  /** Drops the connection without a closing handshake. */
  terminate(): void;
  /** Bytes that were sent but have not left the process. */
  readonly bufferedBytes: number;
}
