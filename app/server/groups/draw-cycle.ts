import { randomInt } from 'node:crypto';

export interface Pair {
  readonly giverId: string;
  readonly recipientId: string;
}

/** A whole number from 0 to below `bound`, each equally likely. */
export type RandomBelow = (bound: number) => number;

/** Fisher-Yates: each of the n! orders comes of exactly one row of random numbers. */
const shuffled = (members: readonly string[], randomBelow: RandomBelow): string[] => {
  const order: string[] = [];
  for (const member of members) {
    const place = randomBelow(order.length + 1);
    const displaced = order[place];
    if (displaced === undefined) order.push(member);
    else {
      order[place] = member;
      order.push(displaced);
    }
  }
  return order;
};

/**
 * Draws who gives to whom as one random cycle through all members: nobody draws themself, each gives and receives
 * once, and of three or more people no two draw each other. Each of the (n - 1)! cycles is equally likely.
 *
 * It takes nothing but the members, on purpose: a draw that looked at other groups would tell of them
 * (docs/anonymity.md).
 *
 * @param members Ids, at least three, all different.
 * @param randomBelow @default the system's secure random numbers
 */
export const drawCycle = (
  members: readonly string[],
  randomBelow: RandomBelow = (bound) => randomInt(bound),
): Pair[] => {
  const order = shuffled(members, randomBelow);
  return order.map((giverId, index) => ({
    giverId,
    recipientId: order[(index + 1) % order.length] ?? giverId,
  }));
};
