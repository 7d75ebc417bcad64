import type { ConnectionEnd } from 'statesocket/machines';
import { demand } from '../implementation.ts';
import {
  follows,
  type Happening,
  inSocket,
  isWatched,
  type Leaf,
  type Rules,
  type Situation,
  timersOf,
  waitOf,
} from '../policy.ts';
import { createCloseModel } from './close-model.ts';
import { createHabitModel } from './habit-model.ts';
import { createSilenceModel, type SilenceModel, type WatchRules } from './silence-model.ts';

/** One try to connect, as the model counts them. */
export interface Attempt {
  readonly id: number;
  readonly userId: string;
  readonly reason: 'connect' | 'refresh';
  readonly begunAt: number;
}

const BUDGET_COUNT = 10;
const REFUND_AFTER_MS = 70_000;
const SIGNAL_PROBE_MS = 3_000;
/** How long a server has to say that it speaks the delivery extension. Those of the commands do not. */
const NEGOTIATION_MS = 2_000;
const LATE_MS = 1_000;

const START: Situation = {
  leaf: 'idle',
  userId: null,
  retryCount: 0,
  budget: BUDGET_COUNT,
  online: true,
  doubtCount: 0,
  minDelayMs: 0,
  nextReason: 'connect',
  reason: 'connect',
  canAsk: false,
  hasAnswered: false,
  muteCount: 0,
};

const STATUS_OF: Partial<Record<Leaf, string>> = {
  idle: 'idle',
  loggedOut: 'loggedOut',
  connecting: 'connecting',
  held: 'connecting',
  exhausted: 'failed',
  rejected: 'failed',
  misconfigured: 'failed',
  disposed: 'idle',
};
const statusOf = (leaf: Leaf): string => STATUS_OF[leaf] ?? (leaf.includes('.') ? 'open' : 'backoff');

const ended = (cause: ConnectionEnd['cause']): ConnectionEnd => ({
  cause,
  code: null,
  reason: null,
  wasClean: null,
});

const DEADLINE = /^xstate\.after\.(connect|held)Deadline\./;
const CONNECT_TIMEOUT_MS = 10_000;
const LONGEST_HELD_MS = 60_000;

const ASKING_SIGNALS = ['network.lost', 'network.restored', 'page.shown', 'page.resumed'];
const AFTER = /^xstate\.after\.(\w+)\./;

export type ModelEvent = Happening & { readonly reason?: string; readonly cause?: 'token' | 'url' };

/**
 * What must be true of a connection: the policy, and around it the attempts, the time and the end. It is told what
 * happens in the order in which it happens, before the connection is. What comes of an attempt that is over changes
 * nothing, and after dispose nothing does. It throws what may not happen now.
 */
export const createConnectionModel = (
  rules: Rules,
  watchRules: WatchRules | null,
  now: () => number,
  {
    expects,
    begins,
    loggedOut,
    isBlind,
    online,
  }: {
    expects: (code: string) => void;
    /** An attempt begins. */
    begins: (attempt: Attempt) => void;
    /** The user has logged out. */
    loggedOut: () => void;
    isBlind: boolean;
    online: boolean;
  },
) => {
  let situation: Situation = { ...START, online };
  let attempt: Attempt | null = null;
  let attemptCount = 0;
  /** Attempts that have begun and that the app was not asked for yet. */
  let unasked: Attempt[] = [];
  let timer: { readonly key: string; readonly name: string; readonly dueAt: number } | null = null;
  let refundsDueAt: number[] = [];
  let lastEnd: ConnectionEnd | null = null;
  /** A handshake failed, or a socket was cut, since the last one opened. */
  let hasFailed = false;
  let heldMs = 0;
  let silence: SilenceModel | null = null;
  /** While it is open whether the server is a plain one. */
  let negotiationDueAt: number | null = null;
  const habit = createHabitModel(watchRules?.intervalMs ?? 0, isBlind ? () => 0 : now);
  const closes = createCloseModel(now, (code) => {
    if (code !== 'idle-timeout' || !isBlind) expects(code);
  });
  let isDisposed = false;
  let isSleeping = false;

  const endOf = (event: ModelEvent, before: Situation): ConnectionEnd | null => {
    switch (event.type) {
      case 'socket.closed':
        return {
          cause: 'closed',
          code: event.code ?? null,
          reason: event.reason ?? null,
          wasClean: event.wasClean ?? null,
        };
      case 'attempt.failed':
        return ended(event.cause ?? 'token');
      case 'socket.impossible':
        return ended('impossible');
      case 'page.suspended':
        return inSocket(before.leaf) ? ended('suspended') : lastEnd;
      case 'user.connect':
        return before.userId === event.userId && statusOf(before.leaf) !== 'failed' ? lastEnd : null;
      case 'user.retry':
        return statusOf(before.leaf) === 'failed' ? null : lastEnd;
      case 'frame.silent':
        return before.canAsk ? lastEnd : ended('silent');
      case 'probe.unanswered':
        return ended('silent');
      case 'socket.stuck':
        return ended('stuck');
      default:
        return DEADLINE.test(event.type) ? ended('deadline') : lastEnd;
    }
  };

  /** An attempt that begins when its user has been left already is given up before anybody is asked. */
  const forgetLeft = (): void => {
    unasked = unasked.filter(({ userId }) => userId === situation.userId);
  };

  const noteTimer = (): void => {
    const [due] = Object.entries(timersOf(situation, rules));
    if (due === undefined) timer = null;
    else {
      const [name] = due;
      const delayMs = name === 'heldDeadline' ? CONNECT_TIMEOUT_MS + heldMs : due[1];
      const key = `${name} ${attemptCount}`;
      if (timer?.key !== key) timer = { key, name, dueAt: now() + delayMs };
    }
  };

  const noteAttempt = (before: Situation): void => {
    const began =
      situation.leaf === 'connecting' &&
      (!['connecting', 'held'].includes(before.leaf) || situation.budget < before.budget);
    if (began) {
      attemptCount += 1;
      attempt = {
        id: attemptCount,
        userId: situation.userId ?? '',
        reason: situation.reason,
        begunAt: now(),
      };
      unasked.push(attempt);
      refundsDueAt.push(now() + REFUND_AFTER_MS);
    } else if (!inSocket(situation.leaf)) attempt = null;
    if (began || attempt === null) {
      closes.left();
      silence = null;
      negotiationDueAt = null;
    }
  };

  const noteSilence = (event: ModelEvent, before: Situation): void => {
    if (watchRules === null || attempt === null) return;
    if (isWatched(situation.leaf) && silence === null) {
      silence = createSilenceModel(watchRules, habit.intervalMs, now, isBlind);
      if (isSleeping) silence.fallsAsleep();
    } else if (silence?.canAsk && isWatched(before.leaf)) {
      if (ASKING_SIGNALS.includes(event.type)) silence.asks(SIGNAL_PROBE_MS);
      else if (event.type === 'frame.silent') silence.asks(watchRules.timeoutMs);
    }
  };

  const license = ({ type }: ModelEvent): void => {
    const name = AFTER.exec(type)?.[1];
    if (name !== undefined) {
      demand(timer?.name === name && now() >= timer.dueAt, 'timers', () => {
        return `${name} fires at ${now()} ms where ${timer?.name ?? 'nothing'} is due at ${timer?.dueAt} ms`;
      });
    } else if (type === 'budget.refunded') {
      const dueAt = refundsDueAt.shift() ?? Number.POSITIVE_INFINITY;
      demand(now() >= dueAt, 'I8', () => `a connect is refunded at ${now()} ms, which is due at ${dueAt} ms`);
    } else if (type === 'frame.silent' || type === 'probe.unanswered') {
      if (silence === null) demand(false, 'liveness', () => `${type} of a server that nobody watches`);
      else if (type === 'frame.silent') silence.isSilent();
      else silence.isUnanswered();
      if (type === 'probe.unanswered') closes.isDeaf();
      else if (watchRules?.from === 'heartbeats') habit.gaveUp();
    } else if (type === 'socket.stuck') closes.isStuck();
  };

  /** `of`: the attempt whose fact this is. */
  const happens = (event: ModelEvent, of?: Attempt): void => {
    // A browser counts it, whoever has left the attempt in the meantime.
    if (event.type === 'socket.closed' && event.wasClean !== true) hasFailed = true;
    if (isDisposed || (of !== undefined && of !== attempt)) return;
    license(event);
    if (event.type === 'socket.opened') hasFailed = false;
    const before = situation;
    situation = follows(before, event, rules);
    lastEnd = endOf(event, before);
    if (situation.leaf === 'loggedOut' && before.leaf !== 'loggedOut') loggedOut();
    noteAttempt(before);
    noteTimer();
    noteSilence(event, before);
  };

  return {
    happens,
    get attempt() {
      return attempt;
    },
    get isDisposed() {
      return isDisposed;
    },
    get isOpen() {
      return !isDisposed && situation.leaf.includes('.');
    },
    get userId() {
      return isDisposed ? null : situation.userId;
    },
    get silence() {
      return silence;
    },
    /** Whether what the state waits for is late: after sleep, until its timer fires. */
    get isOverdue() {
      return timer !== null && now() > timer.dueAt;
    },
    /** The app is asked for what an attempt needs: each in turn, once. */
    asked(userId?: string, reason?: string): Attempt {
      forgetLeft();
      const next = unasked.shift();
      if (isDisposed || next === undefined) {
        throw new Error(`the app is asked for an attempt of ${userId} that nobody has begun`);
      }
      demand((userId ?? next.userId) === next.userId, 'I14', () => `asked for ${userId}, not ${next.userId}`);
      demand(
        (reason ?? next.reason) === next.reason,
        'policy',
        () => `asked to ${reason}, not to ${next.reason}`,
      );
      begins(next);
      return next;
    },
    /** The browser may hold the dial back, as it does after others failed. */
    isHeld(upToMs: number): void {
      const isPossible = hasFailed && upToMs > 0 && upToMs <= LONGEST_HELD_MS;
      demand(isPossible, 'I11', () => `a dial is held for ${upToMs} ms`);
      heldMs = upToMs;
      happens({ type: 'dial.held' });
    },
    opens(of: Attempt): void {
      // A platform that says it twice begins nothing again.
      if (of === attempt && ['connecting', 'held'].includes(situation.leaf)) {
        negotiationDueAt = now() + NEGOTIATION_MS;
        closes.opens();
        habit.begins();
      }
      happens({ type: 'socket.opened' }, of);
      if (watchRules?.from === 'open') happens({ type: 'heartbeat.armed', canAsk: watchRules.canAsk }, of);
    },
    /** A frame came: a sign of life. */
    hears(of: Attempt): void {
      if (of !== attempt) return;
      closes.passes();
      negotiationDueAt = null;
      if (silence === null) return;
      const wasProbing = silence.isProbing;
      silence.heard();
      if (wasProbing) closes.isAnswered();
      if (wasProbing) happens({ type: 'frame.heard' }, of);
    },
    /** So many of the messages were heartbeats. */
    hearsHeartbeats(count: number, of: Attempt): void {
      if (of !== attempt || count === 0) return;
      if (watchRules?.from !== 'heartbeats') return;
      for (let beat = 0; beat < count; beat += 1) habit.beats();
      if (!habit.shows) return;
      silence?.beatsEach(habit.intervalMs);
      happens({ type: 'heartbeat.armed', canAsk: watchRules.canAsk }, of);
    },
    /** The time that the server had is over: it is a plain one, unless the timer was so late that a frame may be unread. */
    endsNegotiation(): void {
      const dueAt = negotiationDueAt ?? Number.POSITIVE_INFINITY;
      demand(now() >= dueAt, 'timers', () => `negotiated until ${now()} ms, which is due at ${dueAt} ms`);
      negotiationDueAt = now() - dueAt > LATE_MS ? now() + NEGOTIATION_MS : null;
    },
    closes,
    fallsAsleep(): void {
      isSleeping = true;
      silence?.fallsAsleep();
    },
    wakesUp(): void {
      isSleeping = false;
      silence?.wakesUp();
      closes.wakesUp();
    },
    dispose(): void {
      isDisposed = true;
      attempt = null;
      unasked = [];
      timer = null;
      refundsDueAt = [];
      silence = null;
      closes.left();
      negotiationDueAt = null;
      situation = { ...situation, leaf: 'idle' };
    },
    /** What the public snapshot must be. */
    get snapshot() {
      const { leaf, retryCount } = situation;
      const isFailed = statusOf(leaf) === 'failed';
      const why = waitOf(leaf);
      const until = (leaf === 'throttled' ? refundsDueAt[0] : timer?.dueAt) ?? null;
      return {
        status: statusOf(leaf),
        failure: isFailed ? leaf : null,
        retryCount,
        maxRetries: rules.maxRetries,
        wait: why === null ? null : { why, until },
        nextRetryAt: why === null ? null : until,
        lastEnd,
      };
    },
    /** When which timers must be due, but those of liveness. */
    get timersDueAt(): readonly number[] {
      const own = [timer?.dueAt ?? null, negotiationDueAt].filter((dueAt) => dueAt !== null);
      return [...own, ...refundsDueAt];
    },
    /** How many timers the watch over an open socket keeps: one looks whether it closes; where the server is watched, those of the silence and of sleep. */
    get watchTimerCount() {
      return (closes.isOpen ? 1 : 0) + (silence === null ? 0 : 2);
    },
    /** Once everything has happened that a step brings about. */
    check(): void {
      forgetLeft();
      demand(
        unasked.length === 0,
        'policy',
        () => `nothing is asked for the attempt of ${unasked[0]?.userId}`,
      );
      demand(timer === null || now() < timer.dueAt, 'I11', () => `${timer?.name} is overdue`);
      demand(
        refundsDueAt.every((dueAt) => now() < dueAt),
        'I8',
        () => 'a refund is overdue',
      );
      demand(
        negotiationDueAt === null || now() < negotiationDueAt,
        'I11',
        () => 'the negotiation is overdue',
      );
      silence?.check();
      closes.check();
    },
  };
};

export type ConnectionModel = ReturnType<typeof createConnectionModel>;
