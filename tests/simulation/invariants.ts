import { CONNECTION_WAITS } from 'statesocket/machines';
import { CLOSE_REASON, type Move, USERS } from './adversary.ts';
import { demand } from './implementation.ts';
import {
  follows,
  inBackoff,
  inSocket,
  isStable,
  isWatched,
  type Rules,
  type Situation,
  timersOf,
  waitOf,
} from './policy.ts';
import type { ChartSnapshot, Effect } from './pure-chart.ts';

/** A chart and what is pending around it. */
export interface World {
  readonly snapshot: ChartSnapshot;
  readonly situation: Situation;
  /** Timers that run, by their id, with their ms. */
  readonly pending: ReadonlyMap<string, number>;
  /** Refunds that are due. */
  readonly refundCount: number;
}

/** One move of the world and what came of it. */
export interface Passage {
  readonly before: World;
  readonly move: Move;
  readonly after: World;
  readonly effects: readonly Effect[];
}

export interface SearchRules extends Rules {
  readonly budgetCount: number;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const REFUND_AFTER_MS = 60_000 + 10_000;

const show = (situation: Situation): string => JSON.stringify(situation);
const indexOf = (effects: readonly Effect[], type: 'spawn' | 'stop'): number =>
  effects.findIndex((effect) => effect.type === type && effect.id === 'socket');

/** I1: a socket exactly while one is wanted, the old one ended before the new one begins. */
const oneSocket = ({ before, move, after, effects }: Passage): void => {
  const had = inSocket(before.situation.leaf);
  const has = inSocket(after.situation.leaf);
  const spawned = indexOf(effects, 'spawn');
  const stopped = indexOf(effects, 'stop');
  const told = () => `${move.name} in ${before.situation.leaf} leads to ${after.situation.leaf}`;
  demand(has === (after.snapshot.children.socket !== undefined), 'I1', told);
  demand(
    effects.filter(({ type, ...rest }) => type === 'spawn' && 'id' in rest && rest.id === 'socket').length <=
      1,
    'I1',
    told,
  );
  const kept = had && has && before.snapshot.children.socket === after.snapshot.children.socket;
  demand(had === kept || stopped >= 0, 'I1', () => `${told()} and does not end the old socket`);
  demand(
    has === kept || spawned > stopped,
    'I1',
    () => `${told()} and dials before the old socket has ended`,
  );
  if (move.kind !== 'forged') return;
  demand(
    effects.length === 0 && show(before.situation) === show(after.situation),
    'I1',
    () => `${told()}, though nobody may say that here`,
  );
};

/**
 * I8: whatever is spent is due to be refunded, once, and not before the window has passed. No timer fires early, so at
 * any moment every attempt of the last 70 s still holds its place: there are at most as many as the budget has.
 */
const budgetKept = ({ before, move, after, effects }: Passage, { budgetCount }: SearchRules): void => {
  const { budget } = after.situation;
  const later = effects.filter((effect) => effect.type === 'later');
  const spawned = indexOf(effects, 'spawn') >= 0;
  demand(budget >= 0 && budget + after.refundCount === budgetCount, 'I8', () => {
    return `${move.name} in ${before.situation.leaf} leaves ${budget} and ${after.refundCount} refunds`;
  });
  demand(later.length === (spawned ? 1 : 0), 'I8', () => `${move.name} dials without one refund`);
  for (const { eventType, delayMs } of later) {
    demand(
      eventType === 'budget.refunded' && delayMs >= REFUND_AFTER_MS,
      'I8',
      () => `${move.name} is refunded by ${eventType} after ${delayMs} ms`,
    );
  }
};

/** I9: who may set the count to 0, and who may raise it. */
const countKept = ({ before, move, after }: Passage): void => {
  const { retryCount: from, leaf } = before.situation;
  const { retryCount: to } = after.situation;
  const told = () => `${move.name} in ${leaf} takes the count from ${from} to ${to}`;
  if (to < from) {
    const isFailed = ['exhausted', 'rejected', 'misconfigured'].includes(leaf);
    const becameStable = isStable(after.situation.leaf) && !isStable(leaf);
    const answered = isStable(leaf) && before.situation.muteCount >= 2 && move.event.type === 'frame.heard';
    const began =
      move.event.type === 'user.connect' && (isFailed || move.event.userId !== before.situation.userId);
    const restarted = move.event.type === 'user.retry' && isFailed;
    const resumed = leaf === 'suspended' && after.situation.leaf !== 'suspended';
    demand(to === 0 && (becameStable || answered || began || restarted || resumed), 'I9', told);
  }
  if (to > from) demand(to === from + 1 && move.event.type.includes('.retryDelay.'), 'I9', told);
  const isMute = after.situation.muteCount >= 2;
  if (isStable(after.situation.leaf) && !isMute) demand(to === 0, 'I9', () => 'stable with a count');
};

/** I10: no timer and no actor but those of the state; none at all in a state that nothing is wanted in. */
const nothingLeft = ({ move, after, effects }: Passage, rules: SearchRules): void => {
  const { leaf } = after.situation;
  const stopped = new Set(effects.flatMap((effect) => (effect.type === 'stop' ? [effect.id] : [])));
  // A chart that has ended stops its actors, and still shows them.
  const isOver = after.snapshot.status === 'done';
  const children = Object.entries(after.snapshot.children).flatMap(([id, child]) =>
    child && !(isOver && stopped.has(id)) ? [id] : [],
  );
  const expected = [
    ...(leaf === 'disposed' ? [] : ['delivery', 'signals']),
    ...(inSocket(leaf) ? ['socket'] : []),
    ...(isWatched(leaf) ? ['wake'] : []),
  ];
  demand(
    children.sort().join() === expected.join(),
    'I10',
    () => `${move.name} leaves ${children} in ${leaf}`,
  );
  const running = [...after.pending].map(([id, delayMs]) => `${id.split('.')[2]} ${delayMs}`);
  const due = Object.entries(timersOf(after.situation, rules)).map(([name, ms]) => `${name} ${ms}`);
  demand(running.join() === due.join(), 'I10', () => {
    return `after ${move.name}, ${leaf} runs [${running}] where it should run [${due}]`;
  });
};

const BOUNDED = ['connecting', 'held', 'waiting', 'advised', 'spreading', 'offline', 'suspended'];

/** I11: what waits has an end that nothing puts off, and failed has one of its reasons. */
const waitsEnd = ({ before, move, after, effects }: Passage, rules: SearchRules): void => {
  const { leaf } = after.situation;
  if (BOUNDED.includes(leaf)) demand(after.pending.size === 1, 'I11', () => `${leaf} has no end`);
  for (const [id, delayMs] of after.pending) {
    demand(delayMs >= 0 && delayMs <= LONGEST_TIMER_MS, 'I11', () => `${id} runs ${delayMs} ms`);
  }
  if (leaf === 'throttled') demand(after.refundCount > 0, 'I11', () => 'throttled, and no refund is due');
  // The actor gives a probe that is out less time, never more: asking again puts nothing off.
  const hastens = move.kind === 'signal' && before.situation.canAsk && isWatched(before.situation.leaf);
  const withinMs = hastens ? 3_000 : 5_000;
  const mustAsk = leaf.endsWith('.probing') && (hastens || !before.situation.leaf.endsWith('.probing'));
  const asked = mustAsk ? `socket {"type":"probe","withinMs":${withinMs}}` : '';
  const requests = effects.filter((effect) => effect.type === 'request');
  const probes = requests.map(({ to, event }) => `${to} ${JSON.stringify(event)}`);
  demand(
    probes.join() === asked,
    'I11',
    () => `${move.name} asks [${probes}] where it should ask [${asked}]`,
  );
  if (leaf === before.situation.leaf && indexOf(effects, 'spawn') < 0) {
    demand(!effects.some(({ type }) => type === 'timer'), 'I11', () => `${move.name} begins ${leaf} again`);
  }
  if (inBackoff(before.situation.leaf) && before.situation.minDelayMs > 0 && after.situation.minDelayMs > 0) {
    demand(
      !effects.some(({ type }) => type === 'timer'),
      'I11',
      () => `${move.name} begins the advised wait of ${before.situation.leaf} again`,
    );
  }
  const { type, code } = move.event;
  const { retryCount, reason } = before.situation;
  const { online } = after.situation;
  const isReason = {
    exhausted: online && retryCount >= rules.maxRetries,
    rejected:
      (type === 'token.missing' && reason === 'refresh') ||
      (type === 'socket.closed' && (REJECTING.includes(code as number) || reason === 'refresh')),
    misconfigured: type === 'socket.impossible' || (type === 'link.broken' && move.event.why === 'version'),
  };
  if (leaf in isReason && leaf !== before.situation.leaf) {
    demand(isReason[leaf as keyof typeof isReason], 'I11', () => `${move.name} leads to ${leaf}`);
  }
};
/** Codes that refuse, of the table and of the app. */
const REJECTING = [4400, 4403, 4409, 4100];

const VOCABULARY = new Set<unknown>([
  ...USERS,
  CLOSE_REASON,
  ...['connect', 'refresh', 'redial', 'backoff', 'reject', 'probe'],
  ...['closed', 'deadline', 'silent', 'stuck', 'protocol', 'token', 'url', 'impossible', 'suspended'],
]);
const strangers = (value: unknown): string[] => {
  if (typeof value === 'string') return VOCABULARY.has(value) ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strangers) : [];
};

/** I13: the chart knows the user, its own words and what the close said; there is no string where a token could hide. */
const noStranger = ({ move, after, effects }: Passage): void => {
  const { settings: _, ...context } = after.snapshot.context;
  const said = effects.flatMap((effect) => {
    if (effect.type === 'spawn') return [effect.input];
    return effect.type === 'request' ? [effect.event] : [];
  });
  const found = [context, ...said].flatMap(strangers);
  demand(found.length === 0, 'I13', () => `after ${move.name} the chart holds ${found}`);
};

/** I14: nobody is remembered where nobody is logged in, and an attempt is told the user it is for. */
const rightUser = ({ move, after, effects }: Passage): void => {
  const { leaf, userId, reason } = after.situation;
  const isNobody = leaf === 'idle' || leaf === 'loggedOut' || leaf === 'disposed';
  demand(isNobody === (userId === null), 'I14', () => `after ${move.name}, ${leaf} knows ${userId}`);
  for (const effect of effects) {
    if (effect.type !== 'spawn' || effect.id !== 'socket') continue;
    const told = JSON.stringify(effect.input);
    demand(told === JSON.stringify({ userId, reason }), 'I14', () => `${move.name} dials with ${told}`);
  }
};

const policyKept = ({ before, move, after }: Passage, rules: SearchRules): void => {
  const waits = CONNECTION_WAITS.filter((wait) => after.snapshot.hasTag(wait));
  const due = waitOf(after.situation.leaf) ?? '';
  demand(
    waits.join() === due,
    'policy',
    () => `${after.situation.leaf} waits for [${waits}], not for [${due}]`,
  );
  const expected = follows(before.situation, move.event, rules);
  demand(show(after.situation) === show(expected), 'policy', () => {
    return `${move.name} in ${show(before.situation)} leads to ${show(after.situation)} and should lead to ${show(expected)}`;
  });
};

/** Throws a Violation if a step breaks a rule. */
export const checkPassage = (passage: Passage, rules: SearchRules): void => {
  const status = passage.after.situation.leaf === 'disposed' ? 'done' : 'active';
  demand(passage.after.snapshot.status === status, 'I16', () => `${passage.move.name} ends the chart`);
  oneSocket(passage);
  budgetKept(passage, rules);
  countKept(passage);
  waitsEnd(passage, rules);
  nothingLeft(passage, rules);
  noStranger(passage);
  rightUser(passage);
  policyKept(passage, rules);
};
