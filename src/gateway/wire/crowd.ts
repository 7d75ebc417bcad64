/** How many may be there at once, in all and from one address. */
export interface CrowdLimits {
  readonly total: number;
  readonly perAddress: number;
}

/** Which limit a newcomer met. */
export type Crowded = 'total' | 'perAddress';

/** Counts who is there, in all and by address. Remembers no address that has nobody there. */
export interface Crowd {
  readonly count: number;
  /** Which limit one more from this address would exceed, or null. */
  full(address: string): Crowded | null;
  /** Counts one in. Whoever calls it calls `leave` once for it. */
  enter(address: string): void;
  leave(address: string): void;
}

export const createCrowd = ({ total, perAddress }: CrowdLimits): Crowd => {
  const byAddress = new Map<string, number>();
  let count = 0;
  return {
    get count() {
      return count;
    },
    full(address) {
      // By address first: one who fills the house is told so, and not that the house is full.
      if ((byAddress.get(address) ?? 0) >= perAddress) return 'perAddress';
      return count >= total ? 'total' : null;
    },
    enter(address) {
      count += 1;
      byAddress.set(address, (byAddress.get(address) ?? 0) + 1);
    },
    leave(address) {
      count -= 1;
      const left = (byAddress.get(address) ?? 0) - 1;
      if (left > 0) byAddress.set(address, left);
      else byAddress.delete(address);
    },
  };
};
