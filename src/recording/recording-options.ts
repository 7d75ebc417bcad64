/** What the flight recorder keeps. */
export interface RecordingSettings {
  /** How many steps of the charts are kept, at most 10,000; older ones are dropped. @default 1_000 */
  readonly maxTransitions?: number;
}

/** A day of ordinary use, or an hour of retries, in some 200 kB. */
export const DEFAULT_MAX_TRANSITIONS = 1_000;

const MAX_TRANSITIONS = 10_000;

/** What is wrong with the option `recording`, in words that follow its name, or null. */
export const faultOfRecording = (given: unknown): string | null => {
  if (given === undefined || given === false) return null;
  const { maxTransitions = DEFAULT_MAX_TRANSITIONS } = (
    typeof given === 'object' && given !== null ? given : { maxTransitions: null }
  ) as { readonly maxTransitions?: unknown };
  const isRight =
    typeof maxTransitions === 'number' &&
    Number.isInteger(maxTransitions) &&
    maxTransitions > 0 &&
    maxTransitions <= MAX_TRANSITIONS;
  return isRight ? null : 'must be false or { maxTransitions? }, an integer from 1 to 10000';
};
