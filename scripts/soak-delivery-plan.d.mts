export interface SoakDeliveryOptions {
  readonly seeds: number;
  readonly from: number;
  readonly workers: number;
  /** After these no process begins any more. */
  readonly minutes: number;
  /** What stands behind the gateways; `each`: the seed draws it. */
  readonly engine: string;
}

/** Reads the options of `npm run soak:delivery`. Throws for one that is not known or is no such number. */
export function soakDeliveryOptions(args: readonly string[], coreCount: number): SoakDeliveryOptions;
/** Which seeds each process plays, the last one not included. */
export function soakChunks(options: {
  readonly seeds: number;
  readonly from: number;
}): { from: number; to: number }[];
/** Adds what one process counted to what all of them did: counts are added, the longest is kept. */
export function addTally(
  total: Record<string, unknown>,
  tally: Record<string, unknown>,
): Record<string, unknown>;
