import type { Transport } from '../actors/transport.ts';
import type { Clock } from '../lib/clock.ts';
import { createTimer } from '../lib/timer.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { MAX_CLIENT_BUFFERED_BYTES } from '../protocol/limits.ts';
import type { AckMessage } from '../protocol/message.ts';
import { mistake } from '../protocol/mistake.ts';
import { createErrorOnce } from './errors-per-type.ts';

/** How often ACKs may leave in the long run, in ms: a server that replies to each ACK gets no more than 20 a second. */
export const ACK_PACE_MS = 50;
/** How often they may leave at once after a rest. */
export const ACK_BURST_COUNT = 20;
/** How many ACKs leave together. */
export const ACKS_AT_ONCE = 100;
/** How many ACKs may wait. */
export const MAX_WAITING_ACKS = 10_000;

/** Makes the frame of an ACK. May throw what the app's codec throws. */
export type EncodeAck = (ack: AckMessage) => string | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

/** Sends the frame of an ACK. What the socket throws is reported; returns whether it took the frame. */
const sendFrame = (
  frame: ReturnType<EncodeAck>,
  transport: Transport,
  report: (error: StatesocketError) => void,
): boolean => {
  if (!transport.writable) return false;
  try {
    transport.send(frame);
    return true;
  } catch (cause) {
    report(new StatesocketError('send-failed', 'The socket refused an ACK.', { cause }));
    return false;
  }
};

/** Sends `{type:'ACK', messageId}` as JSON. What the socket throws is reported; returns whether it took the frame. */
export const sendAck = (
  messageId: string | number,
  transport: Transport,
  report: (error: StatesocketError) => void,
): boolean => sendFrame(JSON.stringify({ type: 'ACK', messageId }), transport, report);

/** The ACKs of the plain messages of one socket. */
export interface AckSender {
  /** An ACK is due. It waits for {@link AckSender.leave}. */
  add(messageId: string | number): void;
  /** A turn is over: what is due leaves now, or when the pace allows. */
  leave(): void;
  /** The socket is gone, and what waits with it. */
  end(): void;
}

/** The faults of all senders of one connection, each told once. */
export const createAckFaults = () => ({
  refused: createErrorOnce((cause: unknown) => {
    const what =
      'The codec threw while it encoded an ACK, or returned neither text nor bytes: it goes unsent.';
    return mistake(['ack-codec'], 'message-not-serialisable', what, { cause });
  }),
  overflow: createErrorOnce(() => {
    const what = `${MAX_WAITING_ACKS} ACKs wait, and the server sends more messages than may be acknowledged: those beyond go without.`;
    return mistake(['ack-overflow'], 'ack-overflow', what);
  }),
});

export interface AckSenderOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly report: (error: StatesocketError) => void;
  readonly faults: ReturnType<typeof createAckFaults>;
  /** @default JSON */
  readonly encode?: EncodeAck | undefined;
}

/**
 * Sends ACKs so that a server cannot drive them: those of a frame leave together, at its end, in the order of their
 * messages. Up to 20 times that is at once; then once in 50 ms, with at most 100 ACKs, so that a server that replies to ACKs
 * with messages that want one is no faster. What the platform has not put on the wire yet holds them back
 * (`MAX_CLIENT_BUFFERED_BYTES`). At most 10,000 wait; a message beyond goes without, which is reported once (I15).
 *
 * Source: the token bucket that RFC 4443 section 2.4 (f) asks of whoever replies to packets.
 */
export const createAckSender = ({
  transport,
  clock,
  report,
  faults,
  encode = JSON.stringify,
}: AckSenderOptions): AckSender => {
  const waiting: (string | number)[] = [];
  const timer = createTimer(clock);
  let burstCount = ACK_BURST_COUNT;
  let countedAt = clock.now();

  const end = (): void => {
    waiting.length = 0;
    timer.stop();
  };

  const earn = (): void => {
    const now = clock.now();
    burstCount = Math.min(ACK_BURST_COUNT, burstCount + Math.max(0, now - countedAt) / ACK_PACE_MS);
    countedAt = now;
  };

  /** Whether the next one may be sent: the app's codec may refuse this one alone. */
  const sends = (messageId: string | number): boolean => {
    let frame: ReturnType<EncodeAck>;
    try {
      frame = encode({ type: 'ACK', messageId });
    } catch (cause) {
      report(faults.refused(cause));
      return true;
    }
    return sendFrame(frame, transport, report);
  };

  const leaveTogether = (): void => {
    burstCount -= 1;
    // A socket that refuses one refuses the others too.
    if (!waiting.splice(0, ACKS_AT_ONCE).every(sends)) waiting.length = 0;
  };

  const leave = (): void => {
    if (waiting.length === 0 || timer.dueAt !== null) return;
    if (transport.gone) {
      end();
      return;
    }
    earn();
    while (
      waiting.length > 0 &&
      burstCount >= 1 &&
      !transport.gone &&
      transport.bufferedBytes <= MAX_CLIENT_BUFFERED_BYTES
    ) {
      leaveTogether();
    }
    if (waiting.length === 0) return;
    timer.start(ACK_PACE_MS, leave);
  };

  return {
    add(messageId) {
      if (transport.gone) return;
      if (waiting.length < MAX_WAITING_ACKS) waiting.push(messageId);
      else report(faults.overflow());
    },
    leave,
    end,
  };
};
