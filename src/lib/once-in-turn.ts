/**
 * Puts work off to the end of the current turn, and does it once, however often it is asked for until then. For what looks at all
 * there is: a hundred replies that come together would make it look a hundred times. The work must not throw.
 */
export const onceInTurn = (work: () => void): (() => void) => {
  const state = { isDue: false };
  return () => {
    if (state.isDue) return;
    state.isDue = true;
    queueMicrotask(() => {
      state.isDue = false;
      work();
    });
  };
};
