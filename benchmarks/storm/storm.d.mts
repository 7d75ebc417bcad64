export const seeded: (seed: number) => () => number;
