/** Whether a value can be awaited. Reading it may throw what a getter throws. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  value !== null &&
  (typeof value === 'object' || typeof value === 'function') &&
  typeof (value as { then?: unknown }).then === 'function';

/**
 * Calls a listener of the app. What it throws, and what a promise of it rejects with, goes to `onFault`, which must not
 * throw. Does not wait for the promise.
 */
export const runListener = (run: () => unknown, onFault: (cause: unknown) => void): void => {
  try {
    const answer = run();
    if (isThenable(answer)) Promise.resolve(answer).catch(onFault);
  } catch (cause) {
    onFault(cause);
  }
};
