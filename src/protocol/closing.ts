import { CloseCode } from './close-codes.ts';
import { isKnownCloseCode } from './close-rules.ts';
import { StatesocketError } from './errors.ts';
import { EXTENSION_NAME } from './extension.ts';
import { MAX_ADVISED_DELAY_MS } from './limits.ts';
import type { WireMessage } from './message.ts';

/** The type of the frame that says what the close after it means. With `ext: 'statesocket'` it reaches no listener. */
export const CLOSING = 'CLOSING';

/** What a server's close means, said before it, since a platform may hide the code of the close. */
export interface Closing {
  readonly type: typeof CLOSING;
  readonly ext: typeof EXTENSION_NAME;
  /** A code of the close table that a close frame can carry. */
  readonly code: number;
  /** How long the client waits at least, in ms. It lengthens the wait of the code and never shortens it. 0: no wish. */
  readonly minDelayMs: number;
}

/** WebKitGTK 2.50 shows a close frame with one of these as 1006, not clean. */
const HIDDEN_CODES: ReadonlySet<number> = new Set([CloseCode.Restart, CloseCode.TryAgainLater, 1014]);

/** Whether some engine shows a close with this code as a lost connection, so that a CLOSING goes before it. */
export const isHiddenCloseCode = (code: number): boolean => HIDDEN_CODES.has(code);

/**
 * Whether a close frame can carry this code. A platform that shows another one has made it up.
 *
 * Source: RFC 6455 section 7.4.1: 1004, 1005, 1006 and 1015 must not be sent.
 */
export const isSendableCloseCode = (code: number): boolean =>
  Number.isInteger(code) &&
  ((code >= 1000 &&
    code <= 1014 &&
    code !== 1004 &&
    code !== CloseCode.NoStatus &&
    code !== CloseCode.Abnormal) ||
    (code >= 3000 && code <= 4999));

/** Whether a value of a frame is a CLOSING of this protocol. A plain server may have a message of the same type. */
export const isClosing = (value: unknown): boolean => {
  const frame = value as Partial<WireMessage> | null | undefined;
  return frame?.type === CLOSING && frame.ext === EXTENSION_NAME;
};

/**
 * Reads the CLOSING that {@link isClosing} found, or returns `malformed-frame`: for a code that the close table does not
 * have or no close frame can carry, and for a `minDelayMs` that is no number of ms. A longer one is cut to
 * {@link MAX_ADVISED_DELAY_MS}.
 */
export const readClosing = ({ code, minDelayMs = 0 }: WireMessage): Closing | StatesocketError => {
  const isRight =
    typeof code === 'number' &&
    isKnownCloseCode(code) &&
    isSendableCloseCode(code) &&
    typeof minDelayMs === 'number' &&
    minDelayMs >= 0;
  if (!isRight) {
    const what =
      'A frame was dropped: its CLOSING has a code or a minDelayMs that is not one of this protocol.';
    return new StatesocketError('malformed-frame', what);
  }
  return {
    type: CLOSING,
    ext: EXTENSION_NAME,
    code,
    minDelayMs: Math.min(minDelayMs, MAX_ADVISED_DELAY_MS),
  };
};

/**
 * The CLOSING that a server of yours sends right before it closes with `code`.
 *
 * @param minDelayMs how long clients wait at least. @default the wait of the code
 * @example
 * socket.send(closingText(1013, 60_000)); // {"type":"CLOSING","ext":"statesocket","code":1013,"minDelayMs":60000}
 * socket.close(1013);
 */
export const closingText = (code: number, minDelayMs?: number): string =>
  JSON.stringify({ type: CLOSING, ext: EXTENSION_NAME, code, minDelayMs });
