import { randomInt } from 'node:crypto';

/** How many orders are tried for one without an avoided pair. */
const MAX_TRIES_COUNT = 1_000;

export interface Pair {
  readonly giverId: string;
  readonly recipientId: string;
}

/** Fisher-Yates with the system's secure random numbers: each order is equally likely. */
const shuffled = (members: readonly string[]): string[] => {
  const order: string[] = [];
  for (const member of members) {
    const place = randomInt(order.length + 1);
    const displaced = order[place];
    if (displaced === undefined) order.push(member);
    else {
      order[place] = member;
      order.push(displaced);
    }
  }
  return order;
};

const cycleOf = (order: readonly string[]): Pair[] =>
  order.map((giverId, index) => ({ giverId, recipientId: order[(index + 1) % order.length] ?? giverId }));

/**
 * Draws who gives to whom as one random cycle through all members: nobody draws themself, each gives and receives
 * once, and of three or more people no two draw each other.
 *
 * Pairs for which `isAvoided` answers true are left out where a draw without them was found in 1,000 tries; otherwise
 * the draw with the fewest of them is taken.
 *
 * @param members Ids, at least three, all different.
 */
export const drawCycle = (
  members: readonly string[],
  isAvoided: (pair: Pair) => boolean = () => false,
): Pair[] => {
  let best = cycleOf(shuffled(members));
  let fewest = best.filter(isAvoided).length;
  for (let tries = 1; fewest > 0 && tries < MAX_TRIES_COUNT; tries++) {
    const pairs = cycleOf(shuffled(members));
    const count = pairs.filter(isAvoided).length;
    if (count < fewest) [best, fewest] = [pairs, count];
  }
  return best;
};
