export declare const soakOptions: (
  args: readonly string[],
  drawSeed: () => number,
) => { runs: number; seed: number; path: string | undefined };
