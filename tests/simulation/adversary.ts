import { inSocket, type Leaf, type Situation } from './policy.ts';

/** One thing that the world may do to the chart. */
export interface Move {
  readonly name: string;
  readonly event: { readonly type: string; readonly [field: string]: unknown };
  /** `forged`: fired by hand in a state where no actor sends it, or sent by nobody. It must change nothing. */
  readonly kind: 'wish' | 'signal' | 'fact' | 'timer' | 'refund' | 'forged';
}

export const USERS = ['ada', 'ben'] as const;
/** What the server says with every close: the one string of the wire that the chart may keep. */
export const CLOSE_REASON = 'the reason of the server';

/** Each row of the close table, codes nobody knows, what `classifyClose` has a word on, and nonsense. */
const CLOSE_CODES = [
  1000,
  1001,
  1005,
  1006,
  1008,
  1009,
  1012,
  1013,
  4400,
  4401,
  4403,
  4408,
  4409,
  4429,
  1011,
  3000,
  4999,
  4100,
  4101,
  4102,
  4103,
  4104,
  0,
  -1,
  65_536,
  Number.NaN,
];
const closeMove = (code: number, wasClean: boolean, kind: Move['kind']): Move => ({
  name: `closed ${code}${wasClean ? '' : ', not clean'}`,
  event: { type: 'socket.closed', code, wasClean, reason: CLOSE_REASON },
  kind,
});
/** What a CLOSING frame asks for, with a code that says less, or nothing. */
const askedCloses = [1012, 1013].map(
  (code): Move => ({
    name: `closed ${code}, asks for 30 s`,
    event: { type: 'socket.closed', code, wasClean: true, reason: CLOSE_REASON, minDelayMs: 30_000 },
    kind: 'fact',
  }),
);
const closes = [
  ...CLOSE_CODES.flatMap((code) => [closeMove(code, true, 'fact'), closeMove(code, false, 'fact')]),
  ...askedCloses,
];

const fact = (event: Move['event'], detail = ''): Move => ({
  name: `${event.type}${detail}`,
  event,
  kind: 'fact',
});
const attempts = [
  fact({ type: 'socket.opened' }),
  fact({ type: 'socket.impossible' }),
  fact({ type: 'token.missing' }),
  fact({ type: 'attempt.failed', cause: 'token' }, ' (token)'),
  fact({ type: 'attempt.failed', cause: 'url' }, ' (url)'),
];
const held = [fact({ type: 'dial.held', upToMs: 30_000 })];
const armings = [
  fact({ type: 'heartbeat.armed', canAsk: true }, ' (can ask)'),
  fact({ type: 'heartbeat.armed', canAsk: false }, ' (cannot ask)'),
];
const silences = [fact({ type: 'frame.silent' })];
/** What the delivery extension finds wrong with an open socket. */
const breaks = [
  fact({ type: 'link.broken', why: 'unanswered' }, ' (unanswered)'),
  fact({ type: 'link.broken', why: 'late-welcome' }, ' (late welcome)'),
  fact({ type: 'link.broken', why: 'version' }, ' (version)'),
];
/** The close of an open socket has begun, and does not end. */
const stuck = [fact({ type: 'socket.stuck' })];
const answers = [fact({ type: 'frame.heard' }), fact({ type: 'probe.unanswered' })];

const signals: readonly Move[] = [
  'network.lost',
  'network.restored',
  'page.shown',
  'page.suspended',
  'page.resumed',
].map((type) => ({ name: type, event: { type }, kind: 'signal' }));

/** Facts that an actor may report in this state: it has a socket, and the socket has got that far. */
const factsIn = (leaf: Leaf): readonly Move[] => {
  if (leaf === 'connecting') return [...held, ...attempts, ...closes];
  if (leaf === 'held') return [...attempts.filter(({ event }) => event.type === 'socket.opened'), ...closes];
  if (leaf.endsWith('.unwatched')) return [...closes, ...stuck, ...breaks, ...armings];
  if (leaf.endsWith('.alive')) return [...closes, ...stuck, ...breaks, ...silences];
  if (leaf.endsWith('.probing')) return [...closes, ...stuck, ...breaks, ...answers];
  return [];
};

const forge = (event: Move['event']): Move => ({ name: `forged ${event.type}`, event, kind: 'forged' });
/** An abandoned socket that still speaks would say one of these. */
const lateCloses = [
  closeMove(1000, true, 'forged'),
  closeMove(1006, false, 'forged'),
  closeMove(4400, true, 'forged'),
];
const unknowns = ['__proto__', 'constructor', 'toString', '', 'socket.constructor', 'xstate.after.never'].map(
  (type) => forge({ type }),
);
const allFacts = [...held, ...attempts, ...armings, ...silences, ...answers, ...stuck, ...breaks];

/** Facts of a socket that is gone or has not got so far, and events that nobody sends. */
const forgedIn = (leaf: Leaf): readonly Move[] => {
  const honest = new Set(factsIn(leaf));
  return [
    ...allFacts.filter((move) => !honest.has(move)).map(({ event }) => forge(event)),
    ...(inSocket(leaf) ? [] : lateCloses),
    ...unknowns,
  ];
};
const movesByLeaf = new Map<Leaf, readonly Move[]>();
const movesIn = (leaf: Leaf): readonly Move[] => {
  const known = movesByLeaf.get(leaf);
  if (known !== undefined) return known;
  const moves = [...signals, ...factsIn(leaf), ...forgedIn(leaf)];
  movesByLeaf.set(leaf, moves);
  return moves;
};

const wishes = ({ userId }: Situation, users: readonly string[]): readonly Move[] => [
  ...users.map(
    (user): Move => ({
      name: user === userId ? 'connect, same user' : `connect ${user}`,
      event: { type: 'user.connect', userId: user },
      kind: 'wish',
    }),
  ),
  ...['user.disconnect', 'user.logout', 'user.dispose', 'user.retry'].map(
    (type): Move => ({ name: type.slice(5), event: { type }, kind: 'wish' }),
  ),
];

/**
 * Everything that may happen next. Any pending timer may be the next to fire, in any order and however late; one that
 * is not pending cannot. A hung token or handshake is the world in which neither comes.
 */
export const movesOf = (
  situation: Situation,
  pending: ReadonlyMap<string, number>,
  refundCount: number,
): readonly Move[] => {
  // A chart that has ended takes no event.
  if (situation.leaf === 'disposed') return [];
  const timers = [...pending.keys()].map((id): Move => ({ name: id, event: { type: id }, kind: 'timer' }));
  const refunds: readonly Move[] =
    refundCount === 0 ? [] : [{ name: 'refund', event: { type: 'budget.refunded' }, kind: 'refund' }];
  // Nobody is logged in: who comes first does not matter, since users differ by name only.
  const users = situation.userId === null ? USERS.slice(0, 1) : USERS;
  return [...wishes(situation, users), ...timers, ...refunds, ...movesIn(situation.leaf)];
};
