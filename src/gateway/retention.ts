import { StatesocketError } from '../protocol/errors.ts';

/**
 * How long an engine keeps messages for readers that are behind. Applied to a user's log at each append to it; the
 * position of its newest entry is kept for ever.
 */
export interface Retention {
  /** The most entries kept per user. @default 1000 */
  readonly maxCount?: number;
  /** How old an entry may grow, in ms of the wall clock. @default 7 days */
  readonly maxAgeMs?: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

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
