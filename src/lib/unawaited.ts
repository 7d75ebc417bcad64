/**
 * Takes the rejection of a promise that nobody waits for: unhandled, it ends a Node process. For what a function of the
 * app returned where no promise was asked for. Anything else is left alone, a thenable that throws too.
 */
export const ignoreRejection = (answer: unknown): void => {
  Promise.resolve(answer).catch(() => {});
};
