import type { Placed } from '../engine/doorbell.ts';
import { toStored } from '../engine/stored-text.ts';
import type { Requests } from './requests.ts';

/** So many places are changed in one transaction at most: each takes a lock. */
const MAX_PLACES_COUNT = 64;

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
   * Puts all of them back, in the line of what is placed meanwhile: the database has forgotten this node, after a crash, or since it stood
   * still for too long.
   *
   * @returns Those who had no place at any other node.
   */
  again(): Promise<readonly string[]>;
  /** Nothing is on its way. */
  settled(): Promise<void>;
}

/** @param options.registered Resolves when the database knows this node. */
export const createPlacing = (options: {
  readonly requests: Requests;
  readonly quoted: string;
  readonly nodeId: string;
  readonly salt: number;
  readonly registered: () => Promise<void>;
}): Placing => {
  const { requests, quoted, nodeId, salt } = options;
  const counts = new Map<string, number>();
  let waiting: Waiting[] = [];
  let working: Promise<void> | null = null;

  /** How many sockets each of them has at other nodes. Doing it again is harmless. */
  const send = async (group: readonly Waiting[]): Promise<readonly number[]> => {
    const rows = await requests.ask(
      `SELECT elsewhere::text FROM ${quoted}.place_1($1, $2::text[], $3::int[], $4) AS elsewhere`,
      [nodeId, group.map(({ userId }) => toStored(userId)), group.map(({ count }) => count), salt],
    );
    return rows.map(({ elsewhere }) => Number(elsewhere));
  };
  const work = async () => {
    // What comes in this turn of the loop goes together.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const group = waiting.slice(0, MAX_PLACES_COUNT);
      waiting = waiting.slice(MAX_PLACES_COUNT);
      try {
        await options.registered();
        const elsewhere = await send(group);
        for (const [at, { had, count, resolve }] of group.entries()) {
          const others = elsewhere[at] ?? 0;
          resolve({ before: others + had, after: others + count });
        }
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
    async again() {
      const news = [...counts].map(async ([userId, count]) =>
        (await add(userId, 0, count)).before === 0 ? userId : null,
      );
      return (await Promise.all(news)).filter((userId) => userId !== null);
    },
    settled: async () => void (await working),
  };
};
