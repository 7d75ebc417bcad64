import { beforeAll, describe, expect, it } from 'vitest';
import { original } from './implementation.ts';
import { follows, inBackoff, type Leaf, type Rules, type Situation, timersOf } from './policy.ts';
import { search, TINY } from './search.ts';

const rules: Rules = { ...TINY, backoffMs: (retry) => retry * 100 };
const REFUSED = { type: 'socket.closed', code: 1006, wasClean: false };
/** Four closes before open that count half, and the attempt after them. */
const MAX_ATTEMPTS = 5;

/** What ends a wait, in each world. */
const WORLDS: Readonly<Record<string, (now: Situation) => string>> = {
  'time passes': (now) => {
    const [timer] = Object.keys(timersOf(now, rules));
    return timer === undefined ? 'budget.refunded' : `xstate.after.${timer}.connection.`;
  },
  'a person retries': () => 'user.retry',
  'the page is shown': () => 'page.shown',
  'the network is back': () => 'network.restored',
};

const isDialling = (leaf: Leaf): boolean => leaf === 'connecting' || leaf === 'held';

const isWanted = ({ leaf, userId }: Situation): boolean =>
  userId !== null && (isDialling(leaf) || inBackoff(leaf) || leaf === 'exhausted');

/** How many attempts it takes until one asks for a fresh token, where the server refuses every handshake. */
const attemptsUntilFresh = (
  begin: Situation,
  ends: (now: Situation) => string,
  says: string | null,
): number => {
  let now = begin;
  let attempts = 0;
  while (attempts <= MAX_ATTEMPTS) {
    if (isDialling(now.leaf)) {
      if (now.reason === 'refresh') return attempts;
      if (says !== null) now = follows(now, { type: says }, rules);
      now = follows(now, REFUSED, rules);
      attempts += 1;
      continue;
    }
    const ended = follows(now, { type: now.leaf === 'exhausted' ? 'user.retry' : ends(now) }, rules);
    // What does not end this wait leaves it to time.
    const hasEnded = ended.leaf !== now.leaf;
    const type =
      now.budget === 0 ? 'budget.refunded' : (WORLDS['time passes'] as (n: Situation) => string)(now);
    now = hasEnded ? ended : follows(now, { type }, rules);
  }
  return attempts;
};

describe('in every state that the world can bring about, whatever the platform says', () => {
  let situations: readonly Situation[] = [];
  beforeAll(() => {
    situations = [...search(original, TINY).ways()].map(({ situation }) => situation);
  }, 600_000);

  it.each(
    Object.keys(WORLDS).flatMap((world) =>
      [null, 'network.lost', 'network.restored', 'dial.held'].map((says) => [world, says] as const),
    ),
  )(
    'a token that is refused in the handshake is renewed in the end (%s; before each close: %s)',
    (world, says) => {
      const wanted = situations.filter(isWanted);
      expect(wanted.length).toBeGreaterThan(100);
      const ends = WORLDS[world] as (now: Situation) => string;
      const late = wanted.filter((situation) => attemptsUntilFresh(situation, ends, says) > MAX_ATTEMPTS);
      expect(late).toEqual([]);
    },
  );

  it('a socket that opens is the proof of a network, and what is lost after it is not waited for as offline', () => {
    const connecting = situations.filter(({ leaf }) => isDialling(leaf));
    for (const situation of connecting) {
      const open = follows(situation, { type: 'socket.opened' }, rules);
      expect([open.leaf, open.online]).toEqual(['settling.unwatched', true]);
    }
    const open = situations.filter(
      ({ leaf, retryCount }) => leaf.includes('.') && retryCount < TINY.maxRetries,
    );
    for (const situation of open) expect(follows(situation, REFUSED, rules).leaf).toBe('waiting');
  });
}, 600_000);
