/** Whether a value can be awaited. One whose `then` throws when it is read cannot. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> => {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return false; // what a getter throws says nothing about the listener, which ran
  }
};

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
