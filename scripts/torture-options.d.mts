/** Reads the options of `npm run torture`. Throws for one that is not known or is no such number. */
export function tortureOptions(
  args: readonly string[],
  drawSeed: () => number,
): { readonly minutes: number; readonly seed: number; readonly store: string; readonly nodes: number };
