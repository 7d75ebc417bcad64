import { type Logged, nameOf, type Record } from '../history.ts';

/** The logs as the store has them, at one moment of a history: what a checker compares everything with. */
export interface LogTruth {
  /** Moves on by one record. */
  take(record: Record): void;
  /** What the user's log holds or held on the branch that is in force, oldest first, by name. */
  chainOf(user: string): readonly string[];
  /** Where the chain has this name; -1: nowhere. */
  indexOf(user: string, name: string): number;
  /** The name behind a position, on a branch that was lost included. */
  nameAt(user: string, position: string): string | undefined;
  /** Where the branch in force has this position; -1: nowhere. One name may be on a lost branch, too, in another place. */
  indexAt(user: string, position: string): number;
  /** Whether something of this command, or of this message of the app, was lost with a shard's tail. */
  wasLost(ref: string): boolean;
  readonly users: readonly string[];
}

interface Chain {
  readonly names: string[];
  readonly indices: Map<string, number>;
  readonly places: Map<string, number>;
  readonly ever: Map<string, string>;
}

export const createLogTruth = (): LogTruth => {
  const chains = new Map<string, Chain>();
  const lost = new Set<string>();
  const chainFor = (user: string): Chain => {
    const chain = chains.get(user) ?? { names: [], indices: new Map(), places: new Map(), ever: new Map() };
    chains.set(user, chain);
    return chain;
  };
  const append = ({ names, indices, places, ever }: Chain, entry: Logged) => {
    const name = nameOf(entry);
    // The first of two stays: the second is a duplicate, and the checker of effects says so.
    if (!indices.has(name)) indices.set(name, names.length);
    places.set(entry.id, names.length);
    names.push(name);
    ever.set(entry.id, name);
  };
  return {
    take(record) {
      if (record.what === 'appended') {
        const chain = chainFor(record.user);
        for (const entry of record.entries) append(chain, entry);
      } else if (record.what === 'tail lost') {
        const { names, indices, places } = chainFor(record.user);
        for (const entry of [...record.entries].reverse()) {
          const name = names.pop();
          if (name !== undefined && indices.get(name) === names.length) indices.delete(name);
          places.delete(entry.id);
          lost.add(entry.ref);
        }
        for (const ref of record.refs) lost.add(ref);
      }
    },
    chainOf: (user) => chains.get(user)?.names ?? [],
    indexOf: (user, name) => chains.get(user)?.indices.get(name) ?? -1,
    nameAt: (user, position) => chains.get(user)?.ever.get(position),
    indexAt: (user, position) => chains.get(user)?.places.get(position) ?? -1,
    wasLost: (ref) => lost.has(ref),
    get users() {
      return [...chains.keys()];
    },
  };
};
