import { SIGN_IN_RULES } from './limit-rules.ts';
import { createWindowLimit, type WindowLimit } from './window-limit.ts';

/** How many pairs that once were right are remembered. */
const MAX_KNOWN_COUNT = 10_000;

/**
 * Slows down the guessing of passwords: by address and account, by address, and by account. What refuses counts
 * failures only. Kept in memory: a restart forgets it.
 *
 * The limit by account lets a stranger close an account to everybody, so it leaves alone the addresses from which its
 * owner has signed in before; the pair of the two still counts.
 */
export interface SignInLimit {
  /** Counts an attempt before the password is looked at. Refuses with `too-many-requests`. */
  begin(address: string, email: string): void;
  /** The password was right: the attempt counts no longer, nor do those before it of this pair. */
  succeed(address: string, email: string): void;
  /** The password was not looked at: the attempt counts no longer. */
  abandon(address: string, email: string): void;
}

export const createSignInLimit = (now: () => number = () => performance.now()): SignInLimit => {
  const ofPair = createWindowLimit({ ...SIGN_IN_RULES.ofPair, now });
  const ofAddress = createWindowLimit({ ...SIGN_IN_RULES.ofAddress, now });
  const ofAccount = createWindowLimit({ ...SIGN_IN_RULES.ofAccount, now });
  const known = new Set<string>();
  const pairOf = (address: string, email: string) => `${address} ${email}`;
  /** What an attempt counts in, and under which key. */
  const countersOf = (address: string, email: string): [WindowLimit, string][] => {
    const pair = pairOf(address, email);
    return [
      [ofPair, pair],
      [ofAddress, address],
      ...(known.has(pair) ? [] : [[ofAccount, email] as [WindowLimit, string]]),
    ];
  };
  const abandon = (address: string, email: string) => {
    for (const [limit, key] of countersOf(address, email)) limit.giveBack(key);
  };
  return {
    begin(address, email) {
      const taken: [WindowLimit, string][] = [];
      try {
        for (const [limit, key] of countersOf(address, email)) {
          limit.take(key);
          taken.push([limit, key]);
        }
      } catch (error) {
        // What is refused by one counts in none.
        for (const [limit, key] of taken) limit.giveBack(key);
        throw error;
      }
    },
    succeed(address, email) {
      abandon(address, email);
      const pair = pairOf(address, email);
      ofPair.forget(pair);
      known.delete(pair);
      known.add(pair);
      for (const oldest of known) {
        if (known.size <= MAX_KNOWN_COUNT) break;
        known.delete(oldest);
      }
    },
    abandon,
  };
};
