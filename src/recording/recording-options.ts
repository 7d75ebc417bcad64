/** What the flight recorder keeps. */
export interface RecordingSettings {
  /** How many steps of the charts are kept, at most 10,000; older ones are dropped. @default 1_000 */
  readonly maxTransitions?: number;
}

/** A day of ordinary use, or an hour of retries, in some 200 kB. */
export const DEFAULT_MAX_TRANSITIONS = 1_000;

const MAX_TRANSITIONS = 10_000;

/** What is wrong with the settings of a flight recorder, in words, or null. */
export const faultOfRecording = (given: unknown): string | null => {
  const { maxTransitions = DEFAULT_MAX_TRANSITIONS } = (
    typeof given === 'object' && given !== null ? given : { maxTransitions: null }
  ) as { readonly maxTransitions?: unknown };
  const isRight =
    typeof maxTransitions === 'number' &&
    Number.isInteger(maxTransitions) &&
    maxTransitions > 0 &&
    maxTransitions <= MAX_TRANSITIONS;
  return isRight ? null : 'maxTransitions must be an integer from 1 to 10000';
};
