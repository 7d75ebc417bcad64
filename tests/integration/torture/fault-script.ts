import { createRandom, type Random } from '../../simulation/delivery/random.ts';

/** What may happen to the network between one user and the server. */
export type NetworkFault = 'cut' | 'reset' | 'stall' | 'stall up' | 'stall down' | 'drop' | 'slow' | 'refuse';

/** What may happen to the servers behind the proxies: how often each is dealt, how long it lasts in ms, and to which of them. */
export interface SiteFaults {
  readonly [fault: string]: {
    readonly dealt: number;
    readonly lastsMs: readonly [number, number];
    readonly on: readonly string[];
  };
}

/** One thing that goes wrong, or one person who leaves for a while. Nothing else happens to the same one meanwhile. */
export type Step = { readonly atMs: number; readonly forMs: number } & (
  | { readonly fault: NetworkFault; readonly user: string; readonly size: number }
  | { readonly fault: string; readonly user: null; readonly on: string }
  | { readonly fault: null; readonly user: string }
);

/** How often each is dealt, before the cards are shuffled again. */
const NETWORK_DECK: Readonly<Record<NetworkFault, number>> = {
  cut: 3,
  reset: 3,
  stall: 1,
  'stall up': 2,
  'stall down': 2,
  drop: 1,
  slow: 2,
  refuse: 2,
};
/** One gateway on a file. */
export const ONE_SERVER: SiteFaults = {
  'kill -9': { dealt: 2, lastsMs: [0, 2_000], on: ['the server'] },
  freeze: { dealt: 1, lastsMs: [200, 5_000], on: ['the server'] },
  restart: { dealt: 1, lastsMs: [0, 1_000], on: ['the server'] },
  'disk full': { dealt: 1, lastsMs: [500, 3_000], on: ['the server'] },
};
/** How long each lasts, in ms, from and to; the instant ones do not. */
const LASTS_MS: Readonly<Record<string, readonly [number, number]>> = {
  stall: [300, 10_000],
  'stall up': [300, 10_000],
  'stall down': [300, 10_000],
  drop: [300, 10_000],
  slow: [1_000, 5_000],
  refuse: [300, 3_000],
};
/** After a fault its subject is left alone so long, in ms. */
const REST_MS = 300;
/** The bytes until a cut, and the bytes a second of a slow link. */
const CUT_BYTES = [1, 1_500] as const;
const SLOW_BYTES = [500, 8_000] as const;
/** How long the restless user stays, and stays away. One time in ten it is gone for as long as the log reaches. */
const STAYS_MS = [2_000, 9_000] as const;
const IS_AWAY_MS = [50, 2_000] as const;

const shuffled = <T>(items: readonly T[], random: Random): T[] => {
  const rest = [...items];
  for (let index = rest.length - 1; index > 0; index -= 1) {
    const other = random.below(index + 1);
    [rest[index], rest[other]] = [rest[other] as T, rest[index] as T];
  }
  return rest;
};

/**
 * Which faults happen when. The same options give the same script: it knows nothing of what they bring about.
 *
 * @param options.restless This user leaves and comes back all the time, beside the faults.
 * @param options.everyMs The mean time between two faults.
 * @param options.site What may happen behind the proxies. @default one server on a file
 * @param options.awayMs How long the restless user is gone when it is gone for long.
 */
export const faultScript = (options: {
  readonly seed: number;
  readonly durationMs: number;
  readonly everyMs: number;
  readonly awayMs: number;
  readonly users: readonly string[];
  readonly restless: string;
  readonly site?: SiteFaults;
}): readonly Step[] => {
  const { seed, durationMs, everyMs, users, restless, site = ONE_SERVER } = options;
  const cards = [
    ...Object.entries(NETWORK_DECK),
    ...Object.entries(site).map(([fault, { dealt }]) => [fault, dealt] as const),
  ].flatMap(([fault, count]) => Array<string>(count).fill(fault));
  const random = createRandom(`${seed}/faults`);
  const freeAt = new Map<string, number>();
  const steps: Step[] = [];
  let deck: string[] = [];
  for (let atMs = everyMs; ; atMs += random.between(everyMs / 2, everyMs * 1.5)) {
    if (deck.length === 0) deck = shuffled(cards, random);
    const fault = deck.pop() ?? 'cut';
    const behind = site[fault];
    // Of one there is nothing to draw.
    const subject =
      behind === undefined
        ? random.pick(users)
        : behind.on.length === 1
          ? (behind.on[0] ?? '')
          : random.pick(behind.on);
    const startMs = Math.max(atMs, freeAt.get(subject) ?? 0);
    const [least, most] = behind?.lastsMs ?? LASTS_MS[fault] ?? [0, 0];
    const forMs = random.between(least, most);
    if (startMs + forMs > durationMs) break;
    freeAt.set(subject, startMs + forMs + REST_MS);
    const [from, to] = fault === 'cut' ? CUT_BYTES : SLOW_BYTES;
    const size = random.between(from, to);
    steps.push(
      behind === undefined
        ? { atMs: startMs, forMs, fault: fault as NetworkFault, user: subject, size }
        : { atMs: startMs, forMs, fault, user: null, on: subject },
    );
  }

  const moods = random.fork('restless');
  for (let atMs = moods.between(...STAYS_MS); ; atMs += moods.between(...STAYS_MS)) {
    const forMs = moods.chance(0.1) ? options.awayMs : moods.between(...IS_AWAY_MS);
    if (atMs + forMs > durationMs) break;
    steps.push({ atMs, forMs, fault: null, user: restless });
    atMs += forMs;
  }
  return steps.sort((a, b) => a.atMs - b.atMs);
};
