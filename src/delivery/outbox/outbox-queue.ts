import type { OutboxEntry } from '../../client/delivery-view.ts';
import { type Entry, rowOf } from './outbox-entry.ts';

/** How many decided entries of each kind stay in sight. */
const KEPT = { delivered: 50, failed: 100 } as const;

/** The entries of one user, in the order in which they were queued. */
export interface OutboxQueue {
  /** The array is replaced, never altered, but for an entry added at its end. */
  readonly entries: readonly Entry[];
  /** How many wait for the wire or for a verdict. */
  readonly openCount: number;
  find(key: string): Entry | undefined;
  add(entry: Entry): void;
  /** Puts entries of another session among them, by age. */
  insert(adopted: readonly Entry[]): void;
  /** Keeps these only. Returns the others. */
  retain(isKept: (entry: Entry) => boolean): readonly Entry[];
  /** Changes one of them. Called by the commit only. */
  changes(entry: Entry, after: Pick<Entry, 'phase' | 'stored'>): void;
  /** The oldest that were decided so, where there are too many. */
  surplus(kind: 'delivered' | 'failed'): readonly Entry[];
  /** What an app sees. Frozen; the same array as `before` where nothing in it has changed. */
  shown(before: readonly OutboxEntry[]): readonly OutboxEntry[];
}

/** In the order of `n` within a clientId, whatever their clocks said; by age between them. */
const byAge = (entries: readonly Entry[]): Entry[] => {
  const rank = new Map<Entry, number>();
  const latest = new Map<string, number>();
  for (const entry of [...entries].sort((a, b) => a.stored.n - b.stored.n)) {
    const { clientId, queuedAt } = entry.stored;
    const at = Math.max(queuedAt, latest.get(clientId) ?? queuedAt);
    latest.set(clientId, at);
    rank.set(entry, at);
  }
  const order = (a: Entry, b: Entry): number =>
    (rank.get(a) ?? 0) - (rank.get(b) ?? 0) ||
    (a.stored.clientId < b.stored.clientId ? -1 : Number(a.stored.clientId > b.stored.clientId)) ||
    a.stored.n - b.stored.n;
  return [...entries].sort(order);
};

/** What an app sees of an entry: the object that it has seen, unless something in it has changed. */
const viewOf = (entry: Entry): OutboxEntry => {
  const { stored, message, view: seen } = entry;
  const state = rowOf(entry).shows;
  const code = state === 'failed' ? stored.failure : undefined;
  const { key, queuedAt } = stored;
  if (seen?.state === state && seen.code === code && seen.queuedAt === queuedAt) return seen;
  const view = Object.freeze({ key, message, state, ...(code === undefined ? {} : { code }), queuedAt });
  Object.assign(entry, { view });
  return view;
};

/** A person has discarded it: whatever the server says of it still has to come. */
const isHidden = (entry: Entry): boolean => rowOf(entry).isOpen && entry.stored.skip === 'discarded';

export const createOutboxQueue = (): OutboxQueue => {
  const list: {
    entries: Entry[];
    openCount: number;
    /** What an app has seen; null: something in it has changed since. */
    shown: readonly OutboxEntry[] | null;
  } = { entries: [], openCount: 0, shown: null };

  const replace = (entries: Entry[]): void => {
    list.entries = entries;
    list.openCount = entries.filter((entry) => rowOf(entry).isOpen).length;
    list.shown = null;
  };

  return {
    get entries() {
      return list.entries;
    },
    get openCount() {
      return list.openCount;
    },
    find: (key) => list.entries.find(({ stored }) => stored.key === key),
    add(entry) {
      list.entries.push(entry);
      list.openCount += 1;
      list.shown = null;
    },
    insert: (adopted) => replace(byAge([...list.entries, ...adopted])),
    retain(isKept) {
      const before = list.entries;
      replace(before.filter(isKept));
      return before.filter((entry) => !isKept(entry));
    },
    changes(entry, after) {
      if (rowOf(entry).isOpen && !rowOf(after).isOpen) list.openCount -= 1;
      Object.assign(entry, after);
      list.shown = null;
    },
    surplus(kind) {
      const decided = list.entries.filter(({ phase }) => phase === kind);
      return decided.slice(0, Math.max(0, decided.length - KEPT[kind]));
    },
    shown(before) {
      if (list.shown === before) return before;
      const after: OutboxEntry[] = [];
      for (const entry of list.entries) if (!isHidden(entry)) after.push(viewOf(entry));
      const isSame = after.length === before.length && after.every((view, at) => view === before[at]);
      list.shown = isSame ? before : Object.freeze(after);
      return list.shown;
    },
  };
};
