import type { Transport } from '../actors/transport.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';
import { createRecentSet, type RecentSet } from '../lib/recent-set.ts';
import { ignoreRejection } from '../lib/unawaited.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { isWelcome } from '../protocol/extension.ts';
import { HEARTBEAT } from '../protocol/frame.ts';
import { REMEMBERED_IDS_COUNT } from '../protocol/limits.ts';
import type { WireMessage } from '../protocol/message.ts';
import { mistake } from '../protocol/mistake.ts';
import { type AckSender, createAckFaults, createAckSender, type EncodeAck } from './ack-sender.ts';
import { createErrorsPerType } from './errors-per-type.ts';
import type { MessageReader } from './inbox.ts';
import { createUnsettledError, LISTENER_LIMIT_MS, type MessageListeners } from './message-listeners.ts';

/** Names the id of a message, which is then acknowledged and dropped when it repeats. Undefined: no ACK, no dedupe. */
export type AckOf = (message: WireMessage) => string | number | undefined;

const idOfMessage: AckOf = (message) => message.id as string | number | undefined;

/** What the option `ack` asks for; null: neither ACK nor dedupe. */
export const ackOf = (ack: AckOf | boolean | undefined): AckOf | null => {
  if (ack === undefined || ack === false) return null;
  return ack === true ? idOfMessage : ack;
};

/** The longest id that is remembered, in UTF-16 units: 2,000 of them are kept. */
const MAX_ID_LENGTH = 1_024;
/** How many messages may wait for a promise of their listeners. */
const MAX_UNSETTLED_COUNT = 2_000;

const isUsable = (id: unknown): id is string | number =>
  typeof id === 'string' ? id !== '' && id.length <= MAX_ID_LENGTH : Number.isSafeInteger(id);

const badId = (type: string): StatesocketError => {
  const what = `A message has an id that cannot be acknowledged; it goes without ACK and dedupe. Type: ${type}.`;
  return mistake(['bad-id'], 'bad-message-id', what);
};

const ackFailed = (type: string, cause: unknown): StatesocketError => {
  const what = `The ack option threw, so the message goes without ACK and dedupe; this is said once per type. Type: ${type}.`;
  return mistake(['ack-failed'], 'ack-failed', what, { cause });
};

export interface PlainMessagesOptions {
  readonly listeners: MessageListeners;
  /** Null: no ACK and no dedupe. */
  readonly ack: AckOf | null;
  readonly clock: Clock;
  /** Makes the frames of ACKs. Undefined: JSON. */
  readonly encode?: EncodeAck | undefined;
  readonly report: (error: StatesocketError) => void;
  /** A WELCOME of the extension came, though the server had been taken for a plain one. Null: it is a message as any other. */
  readonly onWelcome: ((message: WireMessage) => void) | null;
  /** `repeatCount` has risen. */
  readonly onRepeats: () => void;
}

/** What is read of one socket of a plain server: any message, with an ACK and dedupe where the app names an id. */
export interface PlainReader extends MessageReader {
  /** The socket is gone: what is due on it is not sent. */
  end(): void;
}

/** Reads what plain servers send, one socket after the other. */
export interface PlainMessages {
  /** How many messages were dropped because they had come before. */
  readonly repeatCount: number;
  readerOf(transport: Transport): PlainReader;
  /** What the app has made of the messages is gone, and with it what was seen. */
  forget(): void;
}

/** A message whose listeners have returned promises: its ACK goes to the socket that brought it last. */
interface Unsettled {
  acks: AckSender;
  timer: TimerHandle;
}

/** What has come for one user. It says nothing about another. */
interface Memory {
  readonly userId: string;
  readonly seen: RecentSet<string | number>;
  readonly unsettled: Map<string | number, Unsettled>;
}

const memoryOf = (userId: string): Memory => ({
  userId,
  seen: createRecentSet(REMEMBERED_IDS_COUNT),
  unsettled: new Map(),
});

export const createPlainMessages = ({
  listeners,
  ack,
  clock,
  encode,
  report,
  onWelcome,
  onRepeats,
}: PlainMessagesOptions): PlainMessages => {
  const faults = createAckFaults();
  const unsettledError = createUnsettledError();
  const badIdOf = createErrorsPerType(badId);
  const ackFailedOf = createErrorsPerType(ackFailed);
  let memory = memoryOf('');
  let repeatCount = 0;

  const idOf = (message: WireMessage, transport: Transport): string | number | undefined => {
    if (ack === null) return undefined;
    try {
      const id: unknown = ack(message);
      if (id === undefined || id === null) return undefined;
      if (isUsable(id)) return id;
      ignoreRejection(id);
      report(badIdOf(transport.scrub(message.type)));
    } catch (cause) {
      report(ackFailedOf(transport.scrub(message.type), cause));
    }
    return undefined;
  };

  const begin = (userId: string): Memory => {
    for (const { timer } of memory.unsettled.values()) clock.clearTimeout(timer);
    memory.unsettled.clear();
    memory = memoryOf(userId);
    return memory;
  };

  const settles = ({ unsettled }: Memory, id: string | number, message: Unsettled): void => {
    if (unsettled.get(id) !== message) return;
    unsettled.delete(id);
    clock.clearTimeout(message.timer);
    message.acks.add(id);
    message.acks.leave();
  };

  const waits = (mine: Memory, id: string | number, acks: AckSender, settled: Promise<void>): void => {
    const { unsettled } = mine;
    const [oldest] = unsettled.size < MAX_UNSETTLED_COUNT ? [] : unsettled;
    if (oldest !== undefined) settles(mine, ...oldest);
    const message: Unsettled = {
      acks,
      timer: clock.setTimeout(() => {
        report(unsettledError());
        settles(mine, id, message);
      }, LISTENER_LIMIT_MS),
    };
    unsettled.set(id, message);
    settled.then(() => settles(mine, id, message));
  };

  const repeats = ({ unsettled }: Memory, id: string | number, acks: AckSender): void => {
    repeatCount += 1;
    const message = unsettled.get(id);
    // Its listeners are not done: it is acknowledged when they are.
    if (message !== undefined) message.acks = acks;
    else acks.add(id);
  };

  return {
    get repeatCount() {
      return repeatCount;
    },
    readerOf(transport) {
      const mine = transport.userId === memory.userId ? memory : begin(transport.userId);
      const acks = createAckSender({ transport, clock, report, faults, encode });
      let toldCount = repeatCount;
      return {
        take(message, _, complain) {
          if (message.type === HEARTBEAT) {
            transport.heartbeat();
            return;
          }
          if (onWelcome !== null && isWelcome(message)) {
            onWelcome(message);
            return;
          }
          const id = idOf(message, transport);
          // The app was asked, or told, and may have ended the socket.
          if (transport.gone) return;
          if (id !== undefined && mine.seen.has(id)) {
            repeats(mine, id, acks);
            return;
          }
          const outcome = listeners.offer(message, transport, 1);
          if (outcome instanceof StatesocketError) complain(outcome, transport, id);
          if (outcome instanceof StatesocketError || outcome === 'cut' || id === undefined) return;
          // A listener may have brought another user, or logged out.
          if (mine !== memory) return;
          // Remembered even if it was cut short: what ran must not run again when the same user gets it once more (I4).
          mine.seen.add(id);
          if (typeof outcome === 'object') waits(mine, id, acks, outcome.settled);
          else acks.add(id);
        },
        frameTaken() {
          acks.leave();
          if (toldCount === repeatCount) return;
          toldCount = repeatCount;
          onRepeats();
        },
        end: acks.end,
      };
    },
    forget: () => void begin(''),
  };
};
