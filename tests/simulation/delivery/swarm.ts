import type { EngineKind } from './engines/engine-kind.ts';
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

const MISHAPS = [
  'request lost',
  'reply lost',
  'deadlock',
  'serialisation failure',
  'statement timeout',
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
    requests: (random) => ({
      fault: 'requests',
      node: random.below(3),
      mishap: random.pick(MISHAPS),
      count: random.between(1, 6),
    }),
    'channel lost': (random) => ({
      fault: 'channel lost',
      node: random.below(3),
      for: random.between(500, 30_000),
    }),
    'store stands still': (random) => ({ fault: 'store stands still', for: random.between(200, 12_000) }),
    'store restarts': (random) => ({ fault: 'store restarts', for: random.between(50, 9_000) }),
    'rings late': (random) => ({ fault: 'rings late', for: random.between(500, 20_000) }),
    'disk full': (random) => ({ fault: 'disk full', for: random.between(200, 10_000) }),
    'store fails over': (random) => ({
      fault: 'store fails over',
      for: random.between(200, 8_000),
      count: random.between(1, 12),
    }),
    'slot held': (random, user) => ({ fault: 'slot held', user, for: random.between(100, 8_000) }),
    kick: (random, user) => ({ fault: 'kick', user, by: random.below(3) }),
    trim: (random, user) => ({ fault: 'trim', user, maxCount: random.between(1, 10) }),
    'tail lost': (random, user) => ({ fault: 'tail lost', user, count: random.between(1, 8) }),
  };

/** What the protocol does not have to bear, or bears with the exceptions that it names. */
const SPECIAL_FAULTS: readonly FaultName[] = ['tail lost', 'store guesses'];
/** Faults of the stores that have transactions of their own. */
const SERVER_FAULTS: readonly FaultName[] = [
  'requests',
  'channel lost',
  'store stands still',
  'store restarts',
  'rings late',
  'slot held',
  'kick',
];
const ENGINE_FAULTS: { readonly [K in EngineKind]: readonly FaultName[] } = {
  sqlite: ['store stands still', 'disk full'],
  postgres: SERVER_FAULTS,
  redis: SERVER_FAULTS.filter((name) => name !== 'slot held'),
};
/** All of them: a plan without an engine has none, so that a seed means what it has always meant. */
const OF_ENGINES: ReadonlySet<FaultName> = new Set([
  ...Object.values(ENGINE_FAULTS).flat(),
  'store fails over' as const,
]);
/** Where a shard loses its tail, what two sockets decide may fall between: a verdict lost is told wrongly. */
const NEEDS_TAIL: FaultName = 'two sockets, one client';

/** The faults of any store. */
export const FAULT_NAMES = (Object.keys(kinds) as readonly FaultName[]).filter(
  (name) => !OF_ENGINES.has(name),
);

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
  /** Whose transactions the store has. */
  readonly engine?: EngineKind | undefined;
}

/** Whether a store of this kind can lose what it took. */
const losesTails = (engine: EngineKind | undefined): boolean => engine !== 'sqlite';

/** The same plan with this engine behind it, and with what goes wrong with such an engine. */
const withEngine = (plan: Plan, engine: EngineKind, failover: boolean): Plan => {
  const random = createRandom(`${plan.seed}/${engine}`);
  const isFile = engine === 'sqlite';
  // A database that fails over loses the end of all that it took, and each shard of a cluster the end of its own.
  const isWhole = engine === 'postgres' || random.chance(0.5);
  const names = [
    ...ENGINE_FAULTS[engine].filter(() => random.chance(0.5)),
    ...(failover && isWhole ? (['store fails over', 'store fails over'] as const) : []),
  ];
  const count = names.length === 0 ? 0 : random.between(2, 10);
  const faults = Array.from({ length: count }, () => drawFault(random.pick(names), random, plan.users));
  const steps = faults.map((fault): Step => {
    const lastsMs = 'for' in fault ? fault.for : 0;
    return { ...fault, atMs: random.between(0, Math.max(0, plan.healAtMs - lastsMs - 1)) };
  });
  const usual = plan.steps.filter(
    (step) => !(failover && isWhole && 'fault' in step && step.fault === 'tail lost'),
  );
  return {
    ...plan,
    seed: `${engine} ${plan.seed}`,
    engine,
    nodeCount: isFile ? 1 : random.between(2, 3),
    steps: [...usual, ...steps].sort((a, b) => ('atMs' in a && 'atMs' in b ? a.atMs - b.atMs : 0)),
  };
};

/**
 * The plan of one seed: some people, some gateways, and a share of the kinds of faults, so that each run knows other
 * troubles than the last (Groce et al., "Swarm Testing", 2012).
 */
export const swarmPlan = (seed: number, { failover, engine }: Flavour): Plan => {
  const isLossy = failover && losesTails(engine);
  const plan = basePlan(seed, isLossy);
  return engine === undefined ? plan : withEngine(plan, engine, isLossy);
};

const basePlan = (seed: number, failover: boolean): Plan => {
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
