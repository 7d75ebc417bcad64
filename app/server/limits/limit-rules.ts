const MINUTE_MS = 60 * 1000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** How often something may happen within a time, by whatever key it is counted. */
export interface LimitRule {
  readonly maxCount: number;
  readonly windowMs: number;
  /** Begins the refusal. */
  readonly what: string;
}

/** Wrong passwords. */
const signInRule = (maxCount: number): LimitRule => ({
  maxCount,
  windowMs: 15 * MINUTE_MS,
  what: 'Too many attempts.',
});
export const SIGN_IN_RULES = {
  /** From one address for one account. */
  ofPair: signInRule(10),
  /** From one address for any account: a list of addresses and one password each. */
  ofAddress: signInRule(50),
  /** For one account from anywhere: a botnet that guesses once from each address. */
  ofAccount: signInRule(100),
} as const;

/** Accounts that one network address may try to make. */
export const SIGN_UP_RULE: LimitRule = {
  maxCount: 100,
  windowMs: 60 * MINUTE_MS,
  what: 'Too many new accounts from your network.',
};

const rule = (maxCount: number, windowMs: number, what: string): LimitRule => ({ maxCount, windowMs, what });

/** What one person may say. An outbox holds 1,000 messages, and sends all of them as it is back: that many are no flood. */
export const MESSAGE_RULES: readonly LimitRule[] = [
  rule(1_200, 10 * MINUTE_MS, 'You sent many messages in a short time.'),
  rule(10_000, DAY_MS, 'You sent many messages today.'),
];
/** Pictures, besides. */
export const IMAGE_RULES: readonly LimitRule[] = [
  rule(60, 10 * MINUTE_MS, 'You sent many pictures in a short time.'),
  rule(300, DAY_MS, 'You sent many pictures today.'),
];
