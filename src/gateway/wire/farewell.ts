import { closingText, isHiddenCloseCode } from '../../protocol/closing.ts';
import type { SessionTransport } from './session-transport.ts';

/** From this many unsent bytes on a socket may be stuck. What would wait there with them says nothing to anybody. */
const STUCK_BYTES = 64 * 1024;

/**
 * Closes a socket. Where some engine hides the code, a CLOSING frame says first what the close means; the code stays as it
 * is. Not on a socket whose buffer is stuck.
 */
export const sendFarewell = (
  transport: SessionTransport,
  code: number,
  reason: string,
  minDelayMs?: number,
): void => {
  const isSaid = isHiddenCloseCode(code) || minDelayMs !== undefined;
  if (isSaid && transport.bufferedBytes < STUCK_BYTES) transport.send(closingText(code, minDelayMs));
  transport.close(code, reason);
};
