import type { Clock } from '../lib/clock.ts';

/** So many frames within one look are a burst, and no idle socket. Reading the time costs a seventh of a frame's way. */
const MAX_READINGS_COUNT = 64;

/** How long nothing has passed over one socket, either way. */
export interface QuietTime {
  /** A frame passes. */
  passed(): void;
  /** Called every few seconds: a burst is over, as far as one can tell. */
  looked(): void;
  /** In ms. Null: the last that passed was part of a burst, whose end was not timed. */
  ms(): number | null;
}

/** Times the quiet of one socket. Of a burst only the first frames after each look are timed. */
export const createQuietTime = (clock: Clock): QuietTime => {
  let readingCount = 0;
  let passedAt: number | null = clock.now();
  return {
    passed() {
      if (readingCount === MAX_READINGS_COUNT) {
        passedAt = null;
        return;
      }
      readingCount += 1;
      passedAt = clock.now();
    },
    looked() {
      readingCount = 0;
    },
    ms: () => (passedAt === null ? null : clock.now() - passedAt),
  };
};
