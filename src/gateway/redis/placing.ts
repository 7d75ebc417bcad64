import type { Placed } from '../engine/doorbell.ts';
import { toStored } from '../engine/stored-text.ts';
import type { Keys } from './keys.ts';
import type { Requests } from './requests.ts';
import { PLACE } from './scripts.ts';

const MAX_PLACES_COUNT = 256;

interface Waiting {
  readonly userId: string;
  /** Before this, and from now on. */
  readonly had: number;
  readonly count: number;
  readonly resolve: (placed: Placed) => void;
  readonly reject: (cause: unknown) => void;
}

/** The places that users have at one node. */
export interface Placing {
  /** @throws {StatesocketError} `engine-failed`. */
  place(userId: string, socketCount: number): Promise<Placed>;
  /**
   * Puts all of them back under a new lease: the store has forgotten this node, or it stood still for too long.
   *
   * @param former The lease that it had.
   * @returns Those who had no place at any other node.
   */
  again(former: string): Promise<readonly string[]>;
  /** Nothing is on its way. */
  settled(): Promise<void>;
}

/**
 * Who has a place is noted for the node first: so that whoever finds it dead finds all of its places. Calls of one user go in their
 * order, since one group is out at a time.
 *
 * @param options.leased Resolves with the name of the node's lease.
 */
export const createPlacing = (options: {
  readonly requests: Requests;
  readonly keys: Keys;
  readonly leased: () => Promise<string>;
}): Placing => {
  const { requests, keys, leased } = options;
  const counts = new Map<string, number>();
  const waiting: Waiting[] = [];
  let working: Promise<void> | null = null;
  let former = '';

  const send = async (group: readonly Waiting[]): Promise<void> => {
    const lease = await leased();
    const members = (which: (one: Waiting) => boolean) => [
      ...new Set(group.filter(which).map(({ userId }) => toStored(userId))),
    ];
    const list = keys.usersOf(lease);
    const coming = members(({ count }) => count > 0);
    if (coming.length > 0) await requests.command(list, ['SADD', list, ...coming]);
    // Doing it again is harmless.
    const elsewhere = await Promise.all(
      group.map(({ userId, count }) =>
        requests.run(PLACE, [keys.ofUser(userId).places], [lease, String(count), former]),
      ),
    );
    for (const [at, { had, count, resolve }] of group.entries()) {
      const others = Number(elsewhere[at]);
      resolve({ before: others + had, after: others + count });
    }
    const gone = members(({ userId }) => !counts.has(userId));
    if (gone.length > 0) await requests.command(list, ['SREM', list, ...gone]).catch(() => {}); // one too many is no harm
  };
  /** The next ones, each user once. */
  const takeGroup = (): readonly Waiting[] => {
    const group = new Map<string, Waiting>();
    const left: Waiting[] = [];
    for (const one of waiting.splice(0))
      if (group.has(one.userId) || group.size === MAX_PLACES_COUNT) left.push(one);
      else group.set(one.userId, one);
    waiting.push(...left);
    return [...group.values()];
  };
  const work = async () => {
    // What comes in this turn of the loop goes together.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const group = takeGroup();
      try {
        await send(group);
      } catch (cause) {
        for (const { reject } of group) reject(cause);
      }
    }
    working = null;
  };
  const add = (userId: string, had: number, count: number) =>
    new Promise<Placed>((resolve, reject) => {
      waiting.push({ userId, had, count, resolve, reject });
      working ??= work();
    });

  return {
    place(userId, socketCount) {
      const had = counts.get(userId) ?? 0;
      const count = Math.max(socketCount, 0);
      if (count > 0) counts.set(userId, count);
      else counts.delete(userId);
      return add(userId, had, count);
    },
    async again(lease) {
      former = lease;
      const news = [...counts].map(async ([userId, count]) =>
        (await add(userId, 0, count)).before === 0 ? userId : null,
      );
      return (await Promise.all(news)).filter((userId) => userId !== null);
    },
    settled: async () => void (await working),
  };
};
