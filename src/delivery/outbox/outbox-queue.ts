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
  /** Keeps these only. */
  retain(isKept: (entry: Entry) => boolean): void;
  /** The oldest decided ones, where there are too many. */
  surplus(): readonly Entry[];
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

/** The entry that an app has seen, or a new one where that is out of date. */
const viewOf = ({ stored, message, phase }: Entry, seen: OutboxEntry | undefined): OutboxEntry => {
  const { key, queuedAt, failure } = stored;
  const state = rowOf({ phase }).shows;
  const code = state === 'failed' ? failure : undefined;
  if (seen?.state === state && seen.code === code && seen.queuedAt === queuedAt) return seen;
  return Object.freeze({ key, message, state, ...(code === undefined ? {} : { code }), queuedAt });
};

/** A person has discarded it: whatever the server says of it still has to come. */
const isHidden = (entry: Entry): boolean => rowOf(entry).isOpen && entry.stored.skip === 'discarded';

export const createOutboxQueue = (): OutboxQueue => {
  const views = new WeakMap<Entry, OutboxEntry>();
  const list: { entries: Entry[] } = { entries: [] };

  const shownOf = (entry: Entry): OutboxEntry => {
    const view = viewOf(entry, views.get(entry));
    views.set(entry, view);
    return view;
  };

  return {
    get entries() {
      return list.entries;
    },
    get openCount() {
      return list.entries.reduce((count, entry) => count + Number(rowOf(entry).isOpen), 0);
    },
    find: (key) => list.entries.find(({ stored }) => stored.key === key),
    add(entry) {
      list.entries.push(entry);
    },
    insert(adopted) {
      list.entries = byAge([...list.entries, ...adopted]);
    },
    retain(isKept) {
      list.entries = list.entries.filter(isKept);
    },
    surplus: () =>
      (['delivered', 'failed'] as const).flatMap((kind) => {
        const decided = list.entries.filter(({ phase }) => phase === kind);
        return decided.slice(0, Math.max(0, decided.length - KEPT[kind]));
      }),
    shown(before) {
      const after = list.entries.filter((entry) => !isHidden(entry)).map(shownOf);
      const isSame = after.length === before.length && after.every((view, at) => view === before[at]);
      return isSame ? before : Object.freeze(after);
    },
  };
};
