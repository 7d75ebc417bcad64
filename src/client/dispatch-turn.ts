/** How many dispatches are under way, within each other: a listener may cause one of another connection. */
let depth = 0;
let due: (() => void)[] = [];

/**
 * A dispatch begins: the listeners of the messages of one frame. Each must be ended by {@link endDispatch}.
 *
 * All connections share one count, since what an adapter puts off must wait for whoever is calling it.
 */
export const beginDispatch = (): void => {
  depth += 1;
};

/** The dispatch is over: runs what was put off, where it was the outermost. */
export const endDispatch = (): void => {
  depth -= 1;
  while (depth === 0 && due.length > 0) {
    const runs = due;
    due = [];
    for (const run of runs) run();
  }
};

/**
 * Runs this when all listeners of the frame have run; now, where none is dispatched. For whatever may freeze or change a
 * message that others still get. It must not throw.
 */
export const afterDispatch = (run: () => void): void => {
  if (depth === 0) run();
  else due.push(run);
};
