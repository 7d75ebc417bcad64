/**
 * What a connection must do, written down a second time: from the design's table of closes, its retry rules and its
 * liveness rules, not from the chart. The search compares the two at every step. Nothing is imported from the sources,
 * constants included.
 */

export type Leaf =
  | 'idle'
  | 'loggedOut'
  | 'connecting'
  | `${'settling' | 'stable'}.${'unwatched' | 'alive' | 'probing'}`
  | 'waiting'
  | 'spreading'
  | 'throttled'
  | 'offline'
  | 'suspended'
  | 'exhausted'
  | 'rejected'
  | 'misconfigured';

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

export const inSocket = (leaf: Leaf): boolean => leaf === 'connecting' || leaf.includes('.');
export const isStable = (leaf: Leaf): boolean => leaf.startsWith('stable.');
const isFailed = (leaf: Leaf): boolean => ['exhausted', 'rejected', 'misconfigured'].includes(leaf);
const inBackoff = (leaf: Leaf): boolean =>
  ['waiting', 'spreading', 'throttled', 'offline', 'suspended'].includes(leaf);

const withLiveness = (leaf: Leaf, liveness: 'alive' | 'probing'): Leaf =>
  isStable(leaf) ? `stable.${liveness}` : `settling.${liveness}`;

/** Whoever dials has waited as advised, or is a person who need not. */
const dial = (now: Situation): Situation =>
  now.budget === 0
    ? { ...now, leaf: 'throttled', minDelayMs: 0 }
    : {
        ...now,
        leaf: 'connecting',
        budget: now.budget - 1,
        reason: now.nextReason,
        nextReason: 'connect',
        minDelayMs: 0,
        canAsk: false,
      };

const afresh = (now: Situation, userId: string | null): Situation => ({
  ...now,
  userId,
  retryCount: 0,
  doubtCount: 0,
  minDelayMs: 0,
  nextReason: 'connect',
});

const lose = (now: Situation, { maxRetries }: Rules): Situation => {
  if (!now.online) return { ...now, leaf: 'offline' };
  return { ...now, leaf: now.retryCount < maxRetries ? 'waiting' : 'exhausted' };
};

/** A socket that is given up without a close: silence, or a probe without an answer. */
const giveUp = (now: Situation, rules: Rules): Situation =>
  isStable(now.leaf) && now.online && now.retryCount < rules.maxRetries ? dial(now) : lose(now, rules);

const recovered = (now: Situation): Situation => ({
  ...now,
  leaf: now.leaf.replace('settling', 'stable') as Leaf,
  retryCount: 0,
  doubtCount: 0,
});

const close = (
  now: Situation,
  { code = 1006, wasClean, minDelayMs: askedMs = 0 }: Happening,
  rules: Rules,
): Situation => {
  const said: { then: string; minDelayMs?: number } | undefined =
    APP_VERDICTS[code as keyof typeof APP_VERDICTS];
  // The server may ask for more than its code does; the app's word goes before both.
  const minDelayMs = said ? (said.minDelayMs ?? 0) : Math.max(ADVICE_MS[code] ?? 0, askedMs);
  const doubtCount = now.doubtCount + (now.leaf === 'connecting' && now.online ? 1 : 0);
  const after = { ...now, minDelayMs, doubtCount };
  if (said ? said.then === 'reject' : REJECTS.includes(code)) return { ...after, leaf: 'rejected' };
  if (said ? said.then === 'refresh' : REFRESHES.includes(code)) {
    if (now.reason === 'refresh') return { ...after, leaf: 'rejected' };
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
  const advised = now.minDelayMs > 0;
  switch (type) {
    case 'network.lost':
      return probeIfAsked({ ...now, online: false });
    case 'network.restored': {
      const back = { ...now, online: true };
      if (now.leaf === 'waiting' && !advised) return dial(back);
      if (now.leaf === 'offline') return advised ? { ...back, leaf: 'waiting' } : dial(back);
      return probeIfAsked(back);
    }
    case 'page.suspended':
      // An advised wait goes on, or it would begin anew each time that the page comes and goes.
      return inSocket(now.leaf) || (inBackoff(now.leaf) && !advised) ? { ...now, leaf: 'suspended' } : now;
    default:
      if (now.leaf === 'suspended') return dial({ ...now, retryCount: 0 });
      if (type === 'page.shown' && now.leaf === 'waiting' && !advised) return dial(now);
      return probeIfAsked(now);
  }
};

const wish = (now: Situation, { type, userId = '' }: Happening): Situation => {
  switch (type) {
    case 'user.connect':
      return now.userId === userId && !isFailed(now.leaf) ? now : dial(afresh(now, userId));
    case 'user.logout':
      return { ...now, leaf: 'loggedOut', userId: null };
    case 'user.disconnect':
      return now.leaf === 'loggedOut' ? now : { ...now, leaf: 'idle', userId: null };
    default:
      if (now.leaf === 'suspended') return dial({ ...now, retryCount: 0 });
      if (inBackoff(now.leaf)) return dial(now);
      return isFailed(now.leaf) ? dial(afresh(now, now.userId)) : now;
  }
};

const timer = (now: Situation, name: string, rules: Rules): Situation => {
  switch (name) {
    case 'connectDeadline':
      return lose(now, rules);
    case 'stableDelay':
      return { ...recovered(now), reason: 'connect' };
    case 'retryDelay': {
      // A wait that was advised while offline may end after the last retry: one more attempt, and the count is full.
      const counted = { ...now, retryCount: Math.min(rules.maxRetries, now.retryCount + 1) };
      return dial(now.doubtCount >= 2 ? { ...counted, nextReason: 'refresh', doubtCount: 0 } : counted);
    }
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
    case 'socket.opened': {
      if (!connecting) return now;
      const open: Situation = { ...now, leaf: 'settling.unwatched' };
      return rules.stableAfterMs === 0 ? recovered(open) : open;
    }
    case 'socket.impossible':
      return connecting ? { ...now, leaf: 'misconfigured' } : now;
    case 'attempt.failed':
      return connecting ? lose(now, rules) : now;
    case 'token.missing':
      if (!connecting) return now;
      return now.reason === 'refresh' ? { ...now, leaf: 'rejected' } : { ...now, leaf: 'idle', userId: null };
    case 'heartbeat.armed':
      return liveness === 'unwatched'
        ? { ...now, leaf: withLiveness(now.leaf, 'alive'), canAsk: event.canAsk === true }
        : now;
    case 'frame.silent':
      if (liveness !== 'alive') return now;
      return now.canAsk ? probeIfAsked(now) : giveUp(now, rules);
    case 'frame.heard':
      return liveness === 'probing' ? { ...now, leaf: withLiveness(now.leaf, 'alive') } : now;
    case 'socket.stuck':
      // Its code is unknown, and may be that of a refused token.
      if (!now.leaf.includes('.')) return now;
      return lose({ ...now, doubtCount: now.doubtCount + (now.online ? 1 : 0) }, rules);
    case 'link.broken':
      if (!now.leaf.includes('.')) return now;
      return event.why === 'version' ? { ...now, leaf: 'misconfigured' } : giveUp(now, rules);
    case 'probe.unanswered':
      return liveness === 'probing' ? giveUp(now, rules) : now;
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
    case 'waiting':
      return { retryDelay: Math.max(now.minDelayMs, rules.backoffMs(now.retryCount + 1)) };
    case 'spreading':
      return { spreadDelay: rules.spreadMs / 2 };
    case 'offline':
      return { offlineProbeDelay: Math.max(30_000, now.minDelayMs) };
    case 'suspended':
      return { suspendedLimit: 30_000 };
    default:
      return now.leaf.startsWith('settling.') ? { stableDelay: rules.stableAfterMs } : {};
  }
};
