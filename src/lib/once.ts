/** Makes of a function one that runs at its first call and never again. */
export const once = <Args extends readonly unknown[]>(
  run: (...args: Args) => void,
): ((...args: Args) => void) => {
  let left: typeof run | null = run;
  return (...args) => {
    const first = left;
    left = null;
    first?.(...args);
  };
};
