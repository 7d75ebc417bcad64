import type { StatesocketError } from '../protocol/errors.ts';
import { takeCure } from '../protocol/mistake.ts';

/** Nothing is loaded where it would fail: some pages load themselves again after a chunk that did not come. */
const isOffline = (): boolean =>
  (globalThis as { readonly navigator?: { readonly onLine?: boolean } }).navigator?.onLine === false;

/** Whether the file of cures could not be had: it is not asked for again. */
const file = { isMissing: false };

/**
 * Completes the message of an error that was told, where there is something to write instead: in the error itself, and, where
 * nobody listened and it went to the console, there too. The cures are loaded with the first such error. Where they cannot be
 * had, the message stays as it was told.
 */
export const tellCure = (error: StatesocketError, wasHeard: boolean): void => {
  const cure = takeCure(error);
  if (cure === undefined || file.isMissing || isOffline()) return;
  import('./cures.ts')
    .then(
      ({ wordsOfCure }) => {
        const words = wordsOfCure(cure);
        if (!wasHeard) console.warn(`statesocket: ${error.code}: ${words}`);
        error.message += ` ${words}`;
      },
      () => {
        file.isMissing = true;
      },
    )
    .catch(() => {
      // The app has frozen the error, or has a console that throws: the short message was told.
    });
};
