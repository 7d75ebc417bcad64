/**
 * Calls what the app has given, and hands what it throws or rejects with to `failed`, which must not throw. What it returns
 * is not looked at, and a promise is not waited for: nobody else would hear its rejection, and that ends the process.
 */
export const guarded = (call: () => unknown, failed: (cause: unknown) => void): void => {
  try {
    const outcome = call();
    if (outcome !== undefined) void Promise.resolve(outcome).then(undefined, failed);
  } catch (cause) {
    failed(cause);
  }
};
