import { cureOfName } from '../../lib/closest-name.ts';
import { findUnknownNames, type Names } from '../../lib/unknown-names.ts';
import { StatesocketError } from '../../protocol/errors.ts';
import { DEFAULT_WINDOW_COUNT } from '../../protocol/extension.ts';

/**
 * How long an engine keeps messages for readers that are behind. Applied to a user's log at each append to it, and to the logs
 * of users who get nothing new a few entries at a time, while others get something. The position of the newest entry is kept
 * for ever.
 */
export interface Retention {
  /** The most entries kept per user. @default 1000 */
  readonly maxCount?: number;
  /** How old an entry may grow, in ms of the engine's age clock: a step of the wall clock counts as a day at most. @default 7 days */
  readonly maxAgeMs?: number;
}

/** What the built-in engines take. */
export interface EngineOptions {
  /** How long messages are kept. */
  readonly retention?: Retention;
  /** The wall clock, in epoch ms: ages outlive the process. It may jump: a step counts as a day at most. @default Date.now */
  readonly now?: () => number;
  /** Makes the random end of an entry's id. @default 48 bits of the platform's secure randomness */
  readonly suffix?: () => string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Four times the longest age of an outbox entry (7 days): whoever repeats a command still finds its mark. */
export const MARK_AGE_MS = 28 * DAY_MS;

/** How many decisions of one client are kept. It has at most a window in flight; twice that leaves room for gaps. */
export const KEPT_DECISIONS_COUNT = 2 * DEFAULT_WINDOW_COUNT;

/** Of so many clients of a user, those that decided last, decisions are kept: of a user some 1,000 then, whatever pages there were. */
export const KEPT_CLIENTS_COUNT = 16;

const OPTIONS: Names<EngineOptions> = { retention: true, now: true, suffix: true };
const RETENTION: Names<Retention> = { maxCount: true, maxAgeMs: true };

/**
 * Throws for names in the options of an engine, or in its retention, that nobody reads: what it keeps would not be what was
 * asked for.
 *
 * @param more the options that this engine alone has.
 * @throws {StatesocketError} `bad-option`.
 */
export const checkEngineNames = (engine: string, options: EngineOptions, more: Names<object> = {}): void => {
  const faultsIn = (where: string, given: unknown, known: Names<object>): readonly string[] =>
    findUnknownNames(given, known).map(
      (name) => `${where} knows no option ${name}. ${cureOfName(name, Object.keys(known))}`,
    );
  const faults = [
    ...faultsIn(engine, options, { ...more, ...OPTIONS }),
    ...faultsIn(`${engine}: retention`, options?.retention, RETENTION),
  ];
  if (faults.length > 0) throw new StatesocketError('bad-option', faults.join(' '));
};

/**
 * Fills in the defaults of {@link Retention}.
 *
 * @throws {StatesocketError} `bad-option` when nothing at all would be kept.
 */
export const retain = ({ maxCount = 1000, maxAgeMs = 7 * DAY_MS }: Retention = {}): Required<Retention> => {
  if (maxCount >= 1 && maxAgeMs > 0) return { maxCount, maxAgeMs };
  throw new StatesocketError(
    'bad-option',
    'A retention needs a maxCount of at least 1 and a maxAgeMs above 0.',
  );
};
