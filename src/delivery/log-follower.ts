import type { Transport } from '../actors/socket.ts';
import { sendAck } from '../client/ack-sender.ts';
import type { LogProgress } from '../client/delivery-view.ts';
import { asPerType, isPerType } from '../client/errors-per-type.ts';
import type { Complain, MessageReader } from '../client/inbox.ts';
import type { MessageListeners } from '../client/message-listeners.ts';
import type { Clock } from '../lib/clock.ts';
import { StatesocketError } from '../protocol/errors.ts';
import {
  isName,
  lastOfHeartbeat,
  type Receipt,
  readPresence,
  readReceipt,
  readResumed,
} from '../protocol/extension.ts';
import { HEARTBEAT } from '../protocol/frame.ts';
import type { WireMessage } from '../protocol/message.ts';
import { createLogAcks } from './log-acks.ts';

/** How often a listener that throws gets a durable message before that is skipped. */
const TRY_COUNT = 3;

export interface LogFollowerOptions {
  readonly listeners: MessageListeners;
  readonly clock: Clock;
  readonly report: (error: StatesocketError) => void;
  /** Tells the delivery chart. */
  readonly tell: (event: { type: 'log.resumed' | 'log.broken' | 'hole.found' }) => void;
  readonly onReceipt: (receipt: Receipt) => void;
  /** `progress` has changed by messages, not by a method called here. */
  readonly onProgress: () => void;
}

/**
 * The inbox half of the extension: applies the durable messages of one user's log in order, each once, and moves the
 * cursor. What it does with them is the delivery chart's to say, through the methods below; of itself it only stops, at a
 * hole. Nothing in here throws.
 *
 * - A message is applied only if its `prev` is the cursor; then the cursor moves, then it is acknowledged, cumulatively and a
 *   little late (I4, I5, I6). Where its listeners have returned promises, the next message does not wait for them, but the
 *   ACK does, 30 s at most: what is not settled fills the window, so that the server waits.
 * - One that is invalid, that nobody listens to, or whose listener threw three times, is reported and the cursor moves all
 *   the same: otherwise the stream would stop for good.
 * - The cursor is the page's: it lives as long as what the app has made of the messages.
 */
export interface LogFollower extends MessageReader {
  readonly progress: LogProgress;
  /** Whether this user's log was never followed: what comes next is the first load. */
  readonly isFresh: boolean;
  /** A socket has negotiated. Another user than the last one begins without a cursor. */
  attach(transport: Transport, windowCount: number): void;
  /** Sends RESUME. */
  resume(): void;
  /** From now on messages are applied; after `hold()`, from the position that the log had in RESUMED. */
  follow(): void;
  /** From now on messages are held, as many as the window has; what comes beyond is a hole. */
  hold(): void;
  /** Applies what was held. */
  release(): void;
  /** What was held is dropped, and what comes is ignored. */
  stall(): void;
  /** The socket is gone. */
  detach(): void;
  /** The user has logged out, and the app's state with them: so has the cursor. */
  forget(): void;
}

export const createLogFollower = ({
  listeners,
  clock,
  report,
  tell,
  onReceipt,
  onProgress,
}: LogFollowerOptions): LogFollower => {
  let phase: 'ignoring' | 'resuming' | 'holding' | 'following' = 'ignoring';
  let transport: Transport | null = null;
  let windowCount = 1;
  let userId: string | null = null;
  let cursor: string | null = null;
  /** The cursor at which the last hole was found. */
  let holeAt: string | null = null;
  let isCursorDoubted = false;
  /** The position that the log had in RESUMED, until it is reached. */
  let goal: string | null = null;
  /** Where the cursor goes once the app has loaded its state again. Moved any sooner, it would lose what the reload did not get. */
  let reloadedTo: string | null = null;
  let held: WireMessage[] = [];
  /** `last` of a HEARTBEAT that came after all that is held. */
  let heldLast: string | null = null;
  /** Where nobody listens. */
  const skips = new WeakMap<StatesocketError, StatesocketError>();
  let appliedCount = 0;
  let progress: LogProgress = { appliedCount: 0, isCaughtUp: false, cursor: null };

  const takeStock = (): void => {
    progress = { appliedCount, isCaughtUp: phase === 'following' && goal === null, cursor };
  };
  const noteProgress = (): void => {
    takeStock();
    onProgress();
  };

  const acks = createLogAcks({ clock, report, onAck: () => noteProgress() });

  /** Where nobody listens it is the same each time, and said once per type. */
  const skipOf = (message: WireMessage, from: Transport, why: string, cause?: StatesocketError) => {
    const known = cause === undefined ? undefined : skips.get(cause);
    if (known !== undefined) return known;
    const what = `A durable ${from.scrub(message.type).slice(0, 64)} message was skipped: ${why}`;
    const skip = new StatesocketError('message-skipped', what, { cause });
    if (cause === undefined || !isPerType(cause)) return skip;
    skips.set(cause, skip);
    return asPerType(skip);
  };

  const drop = (): void => {
    phase = 'ignoring';
    held = [];
    heldLast = null;
    goal = null;
    reloadedTo = null;
    appliedCount = 0;
  };

  const hole = (): void => {
    phase = 'ignoring';
    isCursorDoubted = cursor === holeAt;
    holeAt = cursor;
    tell({ type: 'hole.found' });
  };

  const apply = (message: WireMessage, id: string, from: Transport, complain: Complain): void => {
    const outcome = listeners.offer(message, from, TRY_COUNT);
    // A listener may log out: then the cursor is nobody's any more.
    if (outcome === 'cut' || from.userId !== userId) return;
    cursor = id;
    appliedCount += 1;
    if (outcome instanceof StatesocketError) {
      complain(skipOf(message, from, outcome.message, outcome), from, id);
    } else if (outcome === 'failed' || (outcome !== 'ran' && !outcome.ran)) {
      complain(skipOf(message, from, 'a listener threw each time it was called'), from, id);
    }
    if (goal !== null && id === goal) {
      goal = null;
      noteProgress();
    }
    if (from !== transport) return;
    const isDone = typeof outcome === 'string' || outcome instanceof StatesocketError;
    acks.applied(id, isDone ? null : outcome.settled);
  };

  const takeDurable = (message: WireMessage, from: Transport, complain: Complain): void => {
    // What came before RESUMED does not count; a gateway that waited long for RESUME has sent it as to a plain client.
    if (phase === 'ignoring' || phase === 'resuming') return;
    const { id, prev } = message;
    if (!isName(id) || !isName(prev)) {
      const what = 'A frame was dropped: a durable message needs an id and a prev.';
      complain(new StatesocketError('malformed-frame', what), from);
    } else if (phase === 'following') {
      if (prev === cursor) apply(message, id, from, complain);
      else hole();
    } else if (held.length < windowCount) {
      held.push(message);
      heldLast = null;
    }
  };

  const takeLast = (last: string | undefined): void => {
    if (last === undefined) return;
    if (phase === 'following' && last !== cursor) hole();
    else if (phase === 'holding') heldLast = last;
  };

  const takeResumed = (message: WireMessage, from: Transport, complain: Complain): void => {
    const resumed = readResumed(message);
    if (resumed instanceof StatesocketError) {
      complain(resumed, from);
    } else if (phase === 'resuming') {
      phase = 'ignoring';
      // Where RESUME named no cursor nothing can follow it, whatever the server says.
      const isFollowed = resumed.ok && cursor !== null && !isCursorDoubted;
      isCursorDoubted = false;
      if (isFollowed) goal = resumed.last === cursor ? null : resumed.last;
      else reloadedTo = resumed.last;
      tell({ type: isFollowed ? 'log.resumed' : 'log.broken' });
    }
  };

  return {
    get progress() {
      return progress;
    },
    get isFresh() {
      return cursor === null;
    },
    take(message, from, complain) {
      if (message.prev !== undefined || message.id !== undefined) {
        takeDurable(message, from, complain);
        return;
      }
      switch (message.type) {
        case HEARTBEAT:
          from.heartbeat();
          takeLast(lastOfHeartbeat(message));
          break;
        case 'RESUMED':
          takeResumed(message, from, complain);
          break;
        case 'PRESENCE': {
          const presence = readPresence(message);
          if (presence instanceof StatesocketError) complain(presence, from);
          else listeners.tell(presence, from);
          break;
        }
        case 'RECEIPT': {
          const receipt = readReceipt(message);
          if (receipt instanceof StatesocketError) complain(receipt, from);
          else onReceipt(receipt);
          break;
        }
        case 'WELCOME':
          complain(new StatesocketError('malformed-frame', 'A frame was dropped: a second WELCOME.'), from);
          break;
        default: {
          const outcome = listeners.offer(message, from, 1);
          if (outcome instanceof StatesocketError) complain(outcome, from);
        }
      }
    },
    frameTaken: acks.frameTaken,
    attach(next, window) {
      transport = next;
      windowCount = window;
      acks.attach(next, window);
      if (next.userId === userId) return;
      userId = next.userId;
      cursor = null;
      holeAt = null;
      isCursorDoubted = false;
    },
    resume() {
      acks.resumes();
      drop();
      phase = 'resuming';
      takeStock();
      const after = isCursorDoubted ? null : cursor;
      try {
        transport?.send(JSON.stringify({ type: 'RESUME', after }));
      } catch (cause) {
        report(new StatesocketError('send-failed', 'The socket refused a RESUME.', { cause }));
      }
    },
    follow() {
      if (reloadedTo !== null) {
        cursor = reloadedTo;
        reloadedTo = null;
        holeAt = null;
        if (transport !== null) sendAck(cursor, transport, report);
      }
      phase = 'following';
      takeStock();
    },
    hold() {
      phase = 'holding';
    },
    release() {
      if (phase !== 'following' || transport === null) return;
      const from = transport;
      const messages = held;
      const last = heldLast;
      held = [];
      heldLast = null;
      for (const message of messages) {
        if (from.gone) return;
        takeDurable(message, from, report);
      }
      if (last !== null) takeLast(last);
      acks.frameTaken();
    },
    stall: drop,
    detach() {
      drop();
      transport = null;
      acks.detach();
      takeStock();
    },
    forget() {
      userId = null;
      cursor = null;
    },
  };
};
