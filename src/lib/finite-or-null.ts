/** Null for Infinity, which JSON does not have. */
export const finiteOrNull = (count: number): number | null =>
  count === Number.POSITIVE_INFINITY ? null : count;
