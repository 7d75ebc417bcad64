import { createRandom, type Random } from './random.ts';
import type { Deed, Fault, FaultName, Plan, Step } from './steps.ts';

const USERS = ['ada', 'ben', 'cyd'] as const;
const CALLS = [
  'any',
  'append',
  'decide',
  'recall',
  'fanned',
  'resumeCommands',
  'unfanned',
  'readAfter',
  'query',
] as const;

/** Every kind of fault, and how one is drawn. */
const kinds: { readonly [K in FaultName]: (random: Random, user: string) => Fault & { readonly fault: K } } =
  {
    reset: (random, user) => ({ fault: 'reset', user, tab: random.below(3) }),
    cut: (random, user) => ({ fault: 'cut', user, tab: random.below(3), for: random.between(1, 20_000) }),
    'cut by server': (random, user) => ({
      fault: 'cut by server',
      user,
      tab: random.below(3),
      for: random.between(1, 20_000),
    }),
    'cut in a burst': (random, user) => ({
      fault: 'cut in a burst',
      user,
      tab: random.below(3),
      count: random.between(1, 6),
    }),
    'half-open': (random, user) => ({
      fault: 'half-open',
      user,
      tab: random.below(3),
      way: random.pick(['up', 'down', 'both']),
    }),
    zombie: (random, user) => ({
      fault: 'zombie',
      user,
      tab: random.below(3),
      for: random.between(100, 8_000),
    }),
    stall: (random, user) => ({
      fault: 'stall',
      user,
      tab: random.below(3),
      way: random.pick(['up', 'down']),
      for: random.between(500, 25_000),
    }),
    delay: (random, user) => ({
      fault: 'delay',
      user,
      tab: random.below(3),
      way: random.pick(['up', 'down']),
      for: random.between(500, 10_000),
    }),
    offline: (random, user) => ({ fault: 'offline', user, for: random.between(500, 30_000) }),
    sleep: (random, user) => ({
      fault: 'sleep',
      user,
      tab: random.below(3),
      for: random.between(500, 40_000),
    }),
    suspend: (random, user) => ({
      fault: 'suspend',
      user,
      tab: random.below(3),
      for: random.between(500, 20_000),
    }),
    'clock jump': (random, user) => ({
      fault: 'clock jump',
      user,
      tab: random.below(3),
      ms: random.pick([2_000, 60_000, 3_600_000]),
    }),
    'reload tab': (random, user) => ({ fault: 'reload tab', user, tab: random.below(3) }),
    'close tab': (random, user) => ({ fault: 'close tab', user, tab: random.below(3) }),
    'duplicate tab': (random, user) => ({ fault: 'duplicate tab', user, tab: random.below(3) }),
    storage: (random, user) => ({
      fault: 'storage',
      user,
      mood: random.pick(['slow', 'full', 'lazy']),
      for: random.between(500, 20_000),
    }),
    'storage cleared': (_, user) => ({ fault: 'storage cleared', user }),
    http: (random, user) => ({
      fault: 'http',
      user,
      mood: random.pick(['slow', 'failing', 'hanging']),
      for: random.between(500, 30_000),
    }),
    stumble: (random, user) => ({
      fault: 'stumble',
      user,
      tab: random.below(3),
      times: random.between(1, 3),
    }),
    crash: (random) => ({ fault: 'crash', node: random.below(3), for: random.between(100, 15_000) }),
    drain: (random) => ({ fault: 'drain', node: random.below(3), for: random.between(2_500, 15_000) }),
    'crash at a call': (random) => ({
      fault: 'crash at a call',
      node: random.below(3),
      call: random.pick(CALLS),
      skipCount: random.below(6),
      moment: random.pick(['before', 'after']),
    }),
    'node freezes': (random) => ({
      fault: 'node freezes',
      node: random.below(3),
      for: random.between(200, 30_000),
    }),
    'doorbells lost': (random) => ({
      fault: 'doorbells lost',
      node: random.below(3),
      for: random.between(500, 30_000),
    }),
    'node clock jump': (random) => ({
      fault: 'node clock jump',
      node: random.below(3),
      ms: random.pick([2_000, 60_000]),
    }),
    store: (random) => ({
      fault: 'store',
      node: random.below(3),
      mood: random.pick(['slow', 'failing', 'deaf']),
      for: random.between(200, 10_000),
    }),
    'reused number': (_, user) => ({ fault: 'reused number', user }),
    'two sockets, one client': (_, user) => ({ fault: 'two sockets, one client', user }),
    'store guesses': (_, user) => ({ fault: 'store guesses', user }),
    trim: (random, user) => ({ fault: 'trim', user, maxCount: random.between(1, 10) }),
    'tail lost': (random, user) => ({ fault: 'tail lost', user, count: random.between(1, 8) }),
  };

export const FAULT_NAMES = Object.keys(kinds) as readonly FaultName[];
/** What the protocol does not have to bear, or bears with the exceptions that it names. */
const SPECIAL_FAULTS: readonly FaultName[] = ['tail lost', 'store guesses'];
/** Where a shard loses its tail, what two sockets decide may fall between: a verdict lost is told wrongly. */
const NEEDS_TAIL: FaultName = 'two sockets, one client';

/** One fault of this kind, its details drawn. */
export const drawFault = (name: FaultName, random: Random, users: readonly string[]): Fault =>
  kinds[name](random, random.pick(users));

const othersOf = (random: Random, users: readonly string[], user: string): readonly string[] => {
  const others = users.filter((other) => other !== user && random.chance(0.7));
  return others.length > 0 ? others : users.filter((other) => other !== user).slice(0, 1);
};

const drawDeed = (random: Random, users: readonly string[]): Deed => {
  const user = random.pick(users);
  const tab = random.below(3);
  const to = othersOf(random, users, user);
  const draw = random.below(20);
  if (draw < 12) {
    const mood = random.chance(0.02)
      ? 'bulky'
      : random.pick(['done', 'done', 'done', 'moody', 'moody', 'refused', 'poison'] as const);
    const count = random.chance(0.15) ? random.between(5, 25) : random.between(1, 3);
    return { do: 'say', user, tab, to, parts: random.pick([1, 1, 2, 3]), mood, count };
  }
  if (draw < 14) return { do: 'announce', to, count: random.between(1, random.chance(0.1) ? 30 : 3) };
  if (draw < 15) return { do: 'nudge', user, tab, to };
  if (draw < 17) return random.chance(0.5) ? { do: 'shut' } : { do: 'unshut' };
  if (draw < 18) return { do: random.pick(['retry', 'discard']), user, tab };
  if (draw < 19)
    return {
      do: random.pick(['disconnect', 'logout', 'connect', 'connect', 'connect', 'connect']),
      user,
      tab,
    };
  return { do: 'open tab', user };
};

/** What a swarm is made of. */
export interface Flavour {
  /** Whether shards lose the end of what they took. */
  readonly failover: boolean;
}

/**
 * The plan of one seed: some people, some gateways, and a share of the kinds of faults, so that each run knows other
 * troubles than the last (Groce et al., "Swarm Testing", 2012).
 */
export const swarmPlan = (seed: number, { failover }: Flavour): Plan => {
  const name = `${failover ? 'failover' : 'swarm'} ${seed}`;
  const random = createRandom(name);
  const users = USERS.slice(0, random.between(2, 3));
  const healAtMs = random.between(20, 60) * 1_000;
  const share = random.pick([0.15, 0.3, 0.6]);
  const usual = FAULT_NAMES.filter(
    (kind) => !(SPECIAL_FAULTS.includes(kind) || (failover && kind === NEEDS_TAIL)),
  );
  const chosen = usual.filter(() => random.chance(share));
  const names: readonly FaultName[] = [
    ...(chosen.length > 0 ? chosen : (['reset'] as const)),
    ...(failover ? (['tail lost', 'tail lost'] as const) : []),
  ];
  const timeOf = (next: Deed | Fault): number => {
    const lastsMs = 'for' in next ? next.for : 0;
    return random.between(0, Math.max(0, healAtMs - lastsMs - 1));
  };
  const deeds = Array.from({ length: random.between(6, 18) }, () => drawDeed(random, users));
  const faults = Array.from({ length: random.between(4, 20) }, () =>
    drawFault(random.pick(names), random, users),
  );
  const steps: Step[] = [...deeds, ...faults].map((next) => ({ ...next, atMs: timeOf(next) }));
  return {
    seed: name,
    users,
    nodeCount: random.between(1, 3),
    keeps: random.chance(0.75),
    retainedCount: random.chance(0.3) ? random.between(5, 20) : 1_000,
    latencyMs: random.pick([
      [1, 5],
      [5, 80],
      [20, 400],
    ] as const),
    maxCount: random.chance(0.1) ? 10 : 1_000,
    steps: steps.sort((a, b) => ('atMs' in a && 'atMs' in b ? a.atMs - b.atMs : 0)),
    healAtMs,
  };
};
