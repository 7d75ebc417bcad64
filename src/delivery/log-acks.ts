import type { Transport } from '../actors/transport.ts';
import { sendAck } from '../client/ack-sender.ts';
import { LISTENER_LIMIT_MS } from '../client/message-listeners.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';
import { createTimer } from '../lib/timer.ts';
import type { StatesocketError } from '../protocol/errors.ts';
import { MAX_CLIENT_BUFFERED_BYTES } from '../protocol/limits.ts';

/** How long an ACK may wait for more messages to acknowledge with it, in ms. */
const ACK_DELAY_MS = 250;
/** How many messages an ACK may wait for, where half of the window is not less. */
const ACK_COUNT = 50;

export interface LogAcksOptions {
  readonly transport: Transport;
  /** How many messages the server sends before it waits for an ACK. */
  readonly windowCount: number;
  readonly clock: Clock;
  readonly report: (error: StatesocketError) => void;
  /** The error for listeners that take too long. */
  readonly unsettledError: () => StatesocketError;
  /** An ACK has left, or would have on a socket that could send. */
  readonly onAck: () => void;
}

/**
 * The ACKs of a log, from one RESUME to the next: cumulative, and a little late, so that one is for many messages. Nothing in here
 * throws.
 */
export interface LogAcks {
  /**
   * The next message of the log was applied. `settled`: the promises of its listeners, null where there are none. A
   * message behind one that is not settled waits for it: what is acknowledged was applied, with all before it (I6).
   */
  applied(id: string, settled: Promise<void> | null): void;
  /** A frame is over: an ACK for many messages does not wait. The rest of the frame is there already, and shares it. */
  frameTaken(): void;
  /** Sends what is due. */
  leave(): void;
  /** The socket is gone, or another RESUME names the cursor, which confirms all that was applied. */
  end(): void;
}

/** A message that was applied, and waits for its ACK behind one whose listeners are not done. */
interface Applied {
  readonly id: string;
  isSettled: boolean;
  timer: TimerHandle | null;
}

export const createLogAcks = (options: LogAcksOptions): LogAcks => {
  const { transport, windowCount, clock, report, unsettledError, onAck } = options;
  /** The last position with nothing unsettled before it, and how many messages it is ahead of the last ACK. */
  let settledTo = '';
  let dueCount = 0;
  /** From the first message on whose listeners are not done, in order. */
  const unsettled: Applied[] = [];
  const timer = createTimer(clock);

  /** It is left to run after an ACK: one timer for many messages costs less than one each. */
  const arm = (): void => {
    if (timer.dueAt === null) timer.start(ACK_DELAY_MS, () => leave());
  };

  const leave = (): void => {
    if (dueCount === 0) return;
    if (transport.bufferedBytes > MAX_CLIENT_BUFFERED_BYTES) {
      arm();
      return;
    }
    dueCount = 0;
    sendAck(settledTo, transport, report);
    onAck();
  };

  const frameTaken = (): void => {
    if (dueCount >= Math.min(ACK_COUNT, windowCount / 2)) leave();
  };

  const isDue = (id: string): void => {
    settledTo = id;
    dueCount += 1;
    arm();
  };

  const settles = (applied: Applied): void => {
    if (applied.timer !== null) clock.clearTimeout(applied.timer);
    applied.timer = null;
    applied.isSettled = true;
    for (let first = unsettled[0]; first?.isSettled === true; first = unsettled[0]) {
      unsettled.shift();
      isDue(first.id);
    }
  };

  return {
    applied(id, settled) {
      if (settled === null && unsettled.length === 0) {
        isDue(id);
        return;
      }
      const message: Applied = { id, isSettled: settled === null, timer: null };
      unsettled.push(message);
      // A right server sends no more than a window; another must not fill the memory (I15).
      const [oldest] = unsettled;
      if (unsettled.length > windowCount && oldest !== undefined) settles(oldest);
      if (settled === null) return;
      const isDone = (): void => {
        if (message.isSettled || !unsettled.includes(message)) return;
        settles(message);
        frameTaken();
      };
      message.timer = clock.setTimeout(() => {
        report(unsettledError());
        isDone();
      }, LISTENER_LIMIT_MS);
      settled.then(isDone);
    },
    frameTaken,
    leave,
    end() {
      dueCount = 0;
      for (const applied of unsettled.splice(0))
        if (applied.timer !== null) clock.clearTimeout(applied.timer);
      timer.stop();
    },
  };
};
