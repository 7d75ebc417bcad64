import { Refusal } from '../refusal.ts';

/** How many wrong passwords one address may try for one account, and in what time. */
const MAX_FAILURES_COUNT = 10;
const WINDOW_MS = 15 * 60 * 1000;
/** How many pairs of address and account are remembered; the oldest are forgotten first. */
const MAX_REMEMBERED_COUNT = 10_000;

/**
 * Slows down the guessing of passwords: after ten failures within 15 minutes, the same network address is refused for
 * the same account until the window has passed. Kept in memory: a restart forgets it.
 */
interface SignInLimit {
  /** Counts an attempt before the password is looked at. Refuses with `too-many-requests`. */
  begin(address: string, email: string): void;
  /** The password was right: forgets what was counted. */
  succeed(address: string, email: string): void;
}

export const createSignInLimit = (now: () => number = () => performance.now()): SignInLimit => {
  const attempts = new Map<string, { count: number; endsAtMs: number }>();
  const keyOf = (address: string, email: string) => `${address} ${email}`;
  return {
    begin(address, email) {
      const key = keyOf(address, email);
      const known = attempts.get(key);
      const current =
        known !== undefined && known.endsAtMs > now() ? known : { count: 0, endsAtMs: now() + WINDOW_MS };
      if (current.count >= MAX_FAILURES_COUNT) {
        throw new Refusal('too-many-requests', 'Too many attempts. Please try again in 15 minutes.');
      }
      attempts.delete(key);
      attempts.set(key, { count: current.count + 1, endsAtMs: current.endsAtMs });
      for (const oldest of attempts.keys()) {
        if (attempts.size <= MAX_REMEMBERED_COUNT) break;
        attempts.delete(oldest);
      }
    },
    succeed(address, email) {
      attempts.delete(keyOf(address, email));
    },
  };
};
