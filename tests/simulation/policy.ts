/**
 * What a connection must do, written down a second time: from the design's table of closes, its retry rules and its
 * liveness rules, not from the chart. The search compares the two at every step. Nothing is imported from the sources,
 * constants included.
 */

export type Leaf =
  | 'idle'
  | 'loggedOut'
  | 'connecting'
  | 'held'
  | `${'settling' | 'stable'}.${'unwatched' | 'alive' | 'probing'}`
  | 'waiting'
  | 'advised'
  | 'spreading'
  | 'throttled'
  | 'offline'
  | 'suspended'
  | 'exhausted'
  | 'rejected'
  | 'misconfigured'
  | 'disposed';

/** All that matters of a chart for what it will do. */
export interface Situation {
  readonly leaf: Leaf;
  readonly userId: string | null;
  readonly retryCount: number;
  readonly budget: number;
  readonly online: boolean;
  readonly doubtCount: number;
  readonly minDelayMs: number;
  readonly nextReason: 'connect' | 'refresh';
  /** Of the current attempt. */
  readonly reason: 'connect' | 'refresh';
  readonly canAsk: boolean;
  /** Whether the current socket has answered when it was asked. */
  readonly hasAnswered: boolean;
  /** Sockets in a row that were asked and never answered, counted up to two. */
  readonly muteCount: number;
}

export interface Rules {
  readonly maxRetries: number;
  readonly stableAfterMs: number;
  readonly spreadMs: number;
  readonly backoffMs: (retry: number) => number;
}

export interface Happening {
  readonly type: string;
  readonly userId?: string;
  readonly code?: number;
  readonly wasClean?: boolean;
  /** What the server asked for in a CLOSING frame. */
  readonly minDelayMs?: number;
  readonly canAsk?: boolean;
  readonly cause?: string;
  readonly why?: string;
}

/** What the app of the search says of some closes (`classifyClose`). */
export const APP_VERDICTS = {
  4100: { then: 'reject' },
  4101: { then: 'refresh' },
  4102: { then: 'refresh', minDelayMs: 10_000 },
  4103: { then: 'backoff', minDelayMs: 30_000 },
  4104: { then: 'backoff' },
} as const;

const REJECTS = [4400, 4403, 4409];
const REFRESHES = [1008, 4401];
const MAY_REDIAL = [1000, 1001, 1005, 1012];
const SPREADS = [1001, 1012];
const ADVICE_MS: Readonly<Record<number, number>> = { 1013: 10_000, 4429: 30_000 };

const isDialling = (leaf: Leaf): boolean => leaf === 'connecting' || leaf === 'held';
export const inSocket = (leaf: Leaf): boolean => isDialling(leaf) || leaf.includes('.');
export const isStable = (leaf: Leaf): boolean => leaf.startsWith('stable.');
const isFailed = (leaf: Leaf): boolean => ['exhausted', 'rejected', 'misconfigured'].includes(leaf);
export const inBackoff = (leaf: Leaf): boolean =>
  ['waiting', 'advised', 'spreading', 'throttled', 'offline', 'suspended'].includes(leaf);

const WAIT_OF: Partial<Record<Leaf, string>> = {
  waiting: 'retry',
  advised: 'advised',
  spreading: 'spread',
  throttled: 'throttled',
  offline: 'offline',
  suspended: 'suspended',
};
/** What a person is told is waited for; null: nothing is. */
export const waitOf = (leaf: Leaf): string | null => WAIT_OF[leaf] ?? null;

const withLiveness = (leaf: Leaf, liveness: 'alive' | 'probing'): Leaf =>
  isStable(leaf) ? `stable.${liveness}` : `settling.${liveness}`;

/**
 * Whoever dials has waited as advised, or is a person who need not; and whoever dials with a token in doubt asks for a
 * fresh one, which ends the doubt.
 */
const dial = (now: Situation): Situation => {
  if (now.budget === 0) return { ...now, leaf: 'throttled', minDelayMs: 0 };
  const reason = now.doubtCount >= 2 ? 'refresh' : now.nextReason;
  return {
    ...now,
    leaf: 'connecting',
    budget: now.budget - 1,
    reason,
    nextReason: 'connect',
    doubtCount: reason === 'refresh' ? 0 : now.doubtCount,
    minDelayMs: 0,
    canAsk: false,
    hasAnswered: false,
  };
};

const afresh = (now: Situation, userId: string | null): Situation => ({
  ...now,
  userId,
  retryCount: 0,
  muteCount: 0,
  doubtCount: 0,
  minDelayMs: 0,
  nextReason: 'connect',
});

/** The same user tries again after the end: what is known of the token still holds. */
const again = (now: Situation): Situation => ({ ...now, retryCount: 0, muteCount: 0 });

/** What a loss that may be a refused token counts. */
const weightOf = ({ online }: Situation): number => (online ? 1 : 0.5);

const reject = (now: Situation): Situation => ({ ...now, leaf: 'rejected', nextReason: 'refresh' });

/**
 * The platform's "offline" is believed once an attempt has failed under it, and where nothing else is left. A socket that
 * was open is a better witness: the first wait after it is that of the policy.
 */
const lose = (now: Situation, { maxRetries }: Rules): Situation => {
  const hasRetries = now.retryCount < maxRetries;
  if (now.minDelayMs > 0 && (hasRetries || !now.online)) return { ...now, leaf: 'advised' };
  if (!now.online && (isDialling(now.leaf) || !hasRetries)) return { ...now, leaf: 'offline' };
  if (!hasRetries) return { ...now, leaf: 'exhausted' };
  return { ...now, leaf: 'waiting' };
};

/** A socket that is given up without a close: silence, or a link of the extension that is broken. */
const giveUp = (now: Situation, rules: Rules): Situation =>
  isStable(now.leaf) && now.online && now.retryCount < rules.maxRetries ? dial(now) : lose(now, rules);

/** A probe without an answer. One socket may have died; where the next one is as mute, it is no socket worth having. */
const leaveUnanswered = (now: Situation, rules: Rules): Situation => {
  if (now.hasAnswered) return giveUp({ ...now, muteCount: 0 }, rules);
  return now.muteCount === 0
    ? giveUp({ ...now, muteCount: 1 }, rules)
    : lose({ ...now, muteCount: 2 }, rules);
};

/** A server that leaves socket after socket mute has not recovered. */
const recovered = (now: Situation): Situation => ({
  ...now,
  leaf: now.leaf.replace('settling', 'stable') as Leaf,
  retryCount: now.muteCount === 2 ? now.retryCount : 0,
  doubtCount: 0,
});

const close = (
  before: Situation,
  { code = 1006, wasClean, minDelayMs: askedMs = 0 }: Happening,
  rules: Rules,
): Situation => {
  // A close frame has come through the network; and whoever closes is not mute.
  const now = { ...before, online: before.online || wasClean === true, muteCount: 0 };
  const said: { then: string; minDelayMs?: number } | undefined =
    APP_VERDICTS[code as keyof typeof APP_VERDICTS];
  // The server may ask for more than its code does; the app's word goes before both.
  const minDelayMs = said ? (said.minDelayMs ?? 0) : Math.max(ADVICE_MS[code] ?? 0, askedMs);
  const doubtCount = now.doubtCount + (isDialling(now.leaf) ? weightOf(now) : 0);
  const after = { ...now, minDelayMs, doubtCount };
  if (said ? said.then === 'reject' : REJECTS.includes(code)) return reject(after);
  if (said ? said.then === 'refresh' : REFRESHES.includes(code)) {
    if (now.reason === 'refresh') return reject(after);
    const asking: Situation = { ...after, nextReason: 'refresh' };
    return minDelayMs > 0 ? lose(asking, rules) : dial(asking);
  }
  const mayRedial = MAY_REDIAL.includes(code) && minDelayMs === 0;
  const atOnce = !said && mayRedial && wasClean === true && isStable(now.leaf);
  if (!atOnce || now.retryCount >= rules.maxRetries) return lose(after, rules);
  return SPREADS.includes(code) && rules.spreadMs > 0 ? { ...after, leaf: 'spreading' } : dial(after);
};

/** Whether the server is watched, so that its silence means something. */
export const isWatched = (leaf: Leaf): boolean => leaf.endsWith('.alive') || leaf.endsWith('.probing');

const probeIfAsked = (now: Situation): Situation =>
  isWatched(now.leaf) && now.canAsk ? { ...now, leaf: withLiveness(now.leaf, 'probing') } : now;

const signal = (now: Situation, type: string): Situation => {
  switch (type) {
    case 'network.lost':
      return probeIfAsked({ ...now, online: false });
    case 'network.restored': {
      const back = { ...now, online: true };
      return now.leaf === 'waiting' || now.leaf === 'offline' ? dial(back) : probeIfAsked(back);
    }
    case 'page.suspended':
      // An advised wait goes on, or it would begin again each time that the page comes and goes.
      if (now.leaf === 'advised') return now;
      return inSocket(now.leaf) || inBackoff(now.leaf) ? { ...now, leaf: 'suspended' } : now;
    default:
      if (now.leaf === 'suspended') return dial({ ...now, retryCount: 0 });
      if (type === 'page.shown' && now.leaf === 'waiting') return dial(now);
      return probeIfAsked(now);
  }
};

const wish = (now: Situation, { type, userId = '' }: Happening): Situation => {
  switch (type) {
    case 'user.connect':
      if (now.userId !== userId) return dial(afresh(now, userId));
      return isFailed(now.leaf) ? dial(again(now)) : now;
    case 'user.logout':
      return { ...now, leaf: 'loggedOut', userId: null };
    case 'user.dispose':
      return { ...now, leaf: 'disposed', userId: null };
    case 'user.disconnect':
      return now.leaf === 'loggedOut' ? now : { ...now, leaf: 'idle', userId: null };
    default:
      if (now.leaf === 'suspended') return dial({ ...now, retryCount: 0 });
      // A handshake that may be held back and may hang: a person need not wait for it.
      if (inBackoff(now.leaf) || now.leaf === 'held') return dial(now);
      return isFailed(now.leaf) ? dial(again(now)) : now;
  }
};

const timer = (now: Situation, name: string, rules: Rules): Situation => {
  switch (name) {
    case 'connectDeadline':
    case 'heldDeadline':
      return lose(now, rules);
    case 'stableDelay':
      return { ...recovered(now), reason: 'connect' };
    case 'retryDelay':
      // A wait that was advised while offline may end after the last retry: one more attempt, and the count is full.
      return dial({ ...now, retryCount: Math.min(rules.maxRetries, now.retryCount + 1) });
    case 'suspendedLimit':
      return dial({ ...now, retryCount: 0 });
    default:
      return dial(now);
  }
};

const socketFact = (now: Situation, event: Happening, rules: Rules): Situation => {
  const connecting = now.leaf === 'connecting';
  const liveness = now.leaf.split('.')[1];
  switch (event.type) {
    case 'socket.closed':
      return inSocket(now.leaf) ? close(now, event, rules) : now;
    case 'dial.held':
      return connecting ? { ...now, leaf: 'held' } : now;
    case 'socket.opened': {
      if (!isDialling(now.leaf)) return now;
      const open: Situation = { ...now, leaf: 'settling.unwatched', online: true };
      return rules.stableAfterMs === 0 ? recovered(open) : open;
    }
    case 'socket.impossible':
      return connecting ? { ...now, leaf: 'misconfigured' } : now;
    case 'attempt.failed':
      if (!connecting) return now;
      return lose(event.cause === 'token' ? { ...now, nextReason: now.reason } : now, rules);
    case 'token.missing':
      if (!connecting) return now;
      return now.reason === 'refresh' ? reject(now) : { ...now, leaf: 'idle', userId: null };
    case 'heartbeat.armed':
      return liveness === 'unwatched'
        ? { ...now, leaf: withLiveness(now.leaf, 'alive'), canAsk: event.canAsk === true }
        : now;
    case 'frame.silent':
      if (liveness !== 'alive') return now;
      return now.canAsk ? probeIfAsked(now) : giveUp(now, rules);
    case 'frame.heard':
      if (liveness !== 'probing') return now;
      return {
        ...now,
        leaf: withLiveness(now.leaf, 'alive'),
        hasAnswered: true,
        muteCount: 0,
        retryCount: isStable(now.leaf) ? 0 : now.retryCount,
      };
    case 'socket.stuck':
      // Its code is unknown, and may be that of a refused token.
      if (!now.leaf.includes('.')) return now;
      return lose({ ...now, doubtCount: now.doubtCount + weightOf(now) }, rules);
    case 'link.broken':
      if (!now.leaf.includes('.')) return now;
      return event.why === 'version' ? { ...now, leaf: 'misconfigured' } : giveUp(now, rules);
    case 'probe.unanswered':
      return liveness === 'probing' ? leaveUnanswered(now, rules) : now;
    default:
      return now;
  }
};

const TIMER = /^xstate\.after\.(\w+)\.connection\./;

/** What must follow. A timer must be pending; what nobody knows changes nothing. */
export const follows = (now: Situation, event: Happening, rules: Rules): Situation => {
  const timerName = TIMER.exec(event.type)?.[1];
  if (timerName !== undefined) return timer(now, timerName, rules);
  if (event.type === 'budget.refunded') {
    const refunded = { ...now, budget: now.budget + 1 };
    return now.leaf === 'throttled' ? dial(refunded) : refunded;
  }
  if (event.type.startsWith('user.')) return wish(now, event);
  if (event.type.startsWith('network.') || event.type.startsWith('page.')) return signal(now, event.type);
  return socketFact(now, event, rules);
};

/** The timers that run in a situation, by the name of their delay, with the ms each has. Refunds are apart. */
export const timersOf = (now: Situation, rules: Rules): Readonly<Record<string, number>> => {
  switch (now.leaf) {
    case 'connecting':
      return { connectDeadline: 10_000 };
    case 'held':
      // The adversary says 30 s.
      return { heldDeadline: 40_000 };
    case 'waiting':
    case 'advised':
      return { retryDelay: Math.max(now.minDelayMs, rules.backoffMs(now.retryCount + 1)) };
    case 'spreading':
      return { spreadDelay: rules.spreadMs / 2 };
    case 'offline':
      return { offlineProbeDelay: 30_000 };
    case 'suspended':
      return { suspendedLimit: 30_000 };
    default:
      return now.leaf.startsWith('settling.') ? { stableDelay: rules.stableAfterMs } : {};
  }
};
