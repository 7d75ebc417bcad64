import type { Transport } from '../actors/transport.ts';
import { sendAck } from '../client/ack-sender.ts';
import type { LogProgress } from '../client/delivery-view.ts';
import { asPerType, isPerType } from '../client/errors-per-type.ts';
import type { Complain, MessageReader } from '../client/inbox.ts';
import type { MessageListeners } from '../client/message-listeners.ts';
import type { Clock } from '../lib/clock.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { Receipt, Resumed } from '../protocol/extension.ts';
import type { WireMessage } from '../protocol/message.ts';
import { createLogAcks, type LogAcks } from './log-acks.ts';
import type { LogPosition } from './log-position.ts';
import { type LogStage, logReader } from './log-reader.ts';

/** How often a listener that throws gets a durable message before that is skipped. */
const TRY_COUNT = 3;

export interface LogFollowerOptions {
  readonly transport: Transport;
  /** How many messages the server sends before it waits for an ACK. */
  readonly windowCount: number;
  /** Of the user of the socket. */
  readonly position: LogPosition;
  readonly listeners: MessageListeners;
  readonly clock: Clock;
  readonly report: (error: StatesocketError) => void;
  readonly unsettledError: () => StatesocketError;
  /** Whose reader is set. */
  readonly route: { reader: MessageReader };
  /** Tells the delivery chart. */
  readonly tell: (event: { type: 'log.resumed' | 'log.broken' | 'hole.found' }) => void;
  readonly onReceipt: (receipt: Receipt) => void;
  /** `progress` has changed by messages, not by a method called here. */
  readonly onProgress: () => void;
}

/**
 * Follows the log of one user over one socket: applies its durable messages in order, each once, and moves the cursor. The delivery
 * chart says by whom messages are read, through the methods below, one for each of its states; of itself the follower only stops, at a
 * hole and at the reply to a RESUME. Nothing in here throws.
 *
 * - A message is applied only if its `prev` is the cursor; then the cursor moves, then it is acknowledged, cumulatively and a
 *   little late (I4, I5, I6). Where its listeners have returned promises, the next message does not wait for them, but the
 *   ACK does, 30 s at most: what is not settled fills the window, so that the server waits.
 * - One that is invalid, that nobody listens to, or whose listener threw three times, is reported and the cursor moves all
 *   the same: otherwise the stream would stop for good.
 */
export interface LogFollower {
  readonly progress: Pick<LogProgress, 'appliedCount'> & {
    /** Everything that was in the log at RESUMED has been applied. */
    readonly isAtGoal: boolean;
  };
  /** Sends RESUME, and reads its reply. */
  resume(): void;
  /** Messages are applied; after `hold()`, from the position that the log had in RESUMED. */
  follow(): void;
  /** Messages are held, as many as the window has; what comes beyond is a hole. */
  hold(): void;
  /** Offers what was held to whoever reads by now. */
  release(): void;
  /** What was held is dropped, and durable messages that come are ignored. */
  stall(): void;
  /** The socket is of no use any more. */
  end(): void;
}

/** What belongs to one RESUME, and ends with the next one. */
interface Stretch {
  /** The position that it named. Null: none, and nothing can follow it, whatever the server says. */
  readonly after: string | null;
  readonly acks: LogAcks;
  readonly held: WireMessage[];
  /** `last` of a HEARTBEAT that came after all that is held. */
  heldLast: string | null;
  /** The position that the log had in RESUMED, until it is reached. */
  goal: string | null;
  /** Where the cursor goes once the app has loaded its state again. Moved any sooner, it would lose what the reload did not get. */
  reloadedTo: string | null;
  appliedCount: number;
}

/** Where nobody listens, a skip is the same each time, and said once per type. */
const skips = new WeakMap<StatesocketError, StatesocketError>();

const skipOf = (message: WireMessage, from: Transport, why: string, cause?: StatesocketError) => {
  const known = cause === undefined ? undefined : skips.get(cause);
  if (known !== undefined) return known;
  const what = `A durable ${from.scrub(message.type).slice(0, 64)} message was skipped: ${why}`;
  const skip = new StatesocketError('message-skipped', what, { cause });
  if (cause === undefined || !isPerType(cause)) return skip;
  skips.set(cause, skip);
  return asPerType(skip);
};

export const createLogFollower = (options: LogFollowerOptions): LogFollower => {
  const {
    transport,
    windowCount,
    position,
    listeners,
    clock,
    report,
    unsettledError,
    route,
    tell,
    onProgress,
  } = options;

  const begin = (): Stretch => ({
    after: position.isDoubted ? null : position.cursor,
    acks: createLogAcks({ transport, windowCount, clock, report, unsettledError, onAck: onProgress }),
    held: [],
    heldLast: null,
    goal: null,
    reloadedTo: null,
    appliedCount: 0,
  });
  let stretch = begin();

  const readsAs = (stage: Partial<LogStage>): void => {
    route.reader = logReader(stage, options, stretch.acks.frameTaken);
  };

  const hole = (): void => {
    readsAs({});
    position.isDoubted = position.cursor === position.holeAt;
    position.holeAt = position.cursor;
    tell({ type: 'hole.found' });
  };

  const apply = (message: WireMessage, id: string, complain: Complain): void => {
    const outcome = listeners.offer(message, transport, TRY_COUNT);
    if (outcome === 'cut') return;
    position.cursor = id;
    stretch.appliedCount += 1;
    if (outcome instanceof StatesocketError) {
      complain(skipOf(message, transport, outcome.message, outcome), transport, id);
    } else if (outcome === 'failed' || (outcome !== 'ran' && !outcome.ran)) {
      complain(skipOf(message, transport, 'a listener threw each time it was called'), transport, id);
    }
    if (id === stretch.goal) {
      stretch.goal = null;
      onProgress();
    }
    // A listener, or one of errors or progress, may have left this socket.
    if (transport.gone) return;
    const isDone = typeof outcome === 'string' || outcome instanceof StatesocketError;
    stretch.acks.applied(id, isDone ? null : outcome.settled);
  };

  const takeLast = (last: string): void => {
    if (last !== position.cursor) hole();
  };

  const takeResumed = ({ ok, last }: Resumed): void => {
    const isFollowed = ok && stretch.after !== null;
    readsAs({});
    position.isDoubted = false;
    if (isFollowed) stretch.goal = last === position.cursor ? null : last;
    else stretch.reloadedTo = last;
    tell({ type: isFollowed ? 'log.resumed' : 'log.broken' });
  };

  return {
    get progress() {
      return { appliedCount: stretch.appliedCount, isAtGoal: stretch.goal === null };
    },
    resume() {
      stretch.acks.leave();
      stretch.acks.end();
      stretch = begin();
      // What comes before RESUMED does not count; a gateway that waited long for RESUME has sent it as to a plain client.
      readsAs({ resumed: takeResumed });
      try {
        transport.send(JSON.stringify({ type: 'RESUME', after: stretch.after }));
      } catch (cause) {
        report(new StatesocketError('send-failed', 'The socket refused a RESUME.', { cause }));
      }
    },
    follow() {
      const { reloadedTo } = stretch;
      if (reloadedTo !== null) {
        position.cursor = reloadedTo;
        position.holeAt = null;
        stretch.reloadedTo = null;
        sendAck(reloadedTo, transport, report);
      }
      readsAs({
        durable(message, id, prev, complain) {
          if (prev === position.cursor) apply(message, id, complain);
          else hole();
        },
        last: takeLast,
      });
    },
    hold() {
      readsAs({
        durable(message) {
          if (stretch.held.length >= windowCount) return;
          stretch.held.push(message);
          stretch.heldLast = null;
        },
        last(last) {
          stretch.heldLast = last;
        },
      });
    },
    release() {
      const live = route.reader;
      const { held, heldLast, acks } = stretch;
      stretch.heldLast = null;
      for (const message of held.splice(0)) {
        if (transport.gone) return;
        route.reader.take(message, transport, report);
      }
      if (heldLast !== null && route.reader === live) takeLast(heldLast);
      acks.frameTaken();
    },
    stall() {
      stretch.held.length = 0;
      readsAs({});
    },
    end: () => stretch.acks.end(),
  };
};
