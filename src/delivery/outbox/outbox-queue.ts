import type { OutboxEntry } from '../../client/delivery-view.ts';
import { type Entry, rowOf } from './outbox-entry.ts';

/** How many decided entries of each kind stay in sight. */
const KEPT = { delivered: 50, failed: 100 } as const;

/** The entries of one user, in the order in which they were queued. */
export interface OutboxQueue {
  /** All of them, as they are now. Costs their number. */
  readonly entries: readonly Entry[];
  /** All of them, one after the other; those too that are added meanwhile. */
  each(): Iterable<Entry>;
  /** How many wait for the wire or for a verdict. */
  readonly openCount: number;
  find(key: string): Entry | undefined;
  add(entry: Entry): void;
  /** Puts entries of another session among them, by age. */
  insert(adopted: readonly Entry[]): void;
  /** Takes these out. */
  remove(gone: readonly Entry[]): void;
  /** Keeps these only. Returns the others. */
  retain(isKept: (entry: Entry) => boolean): readonly Entry[];
  /** Changes one of them. Called by the commit only. */
  changes(entry: Entry, after: Pick<Entry, 'phase' | 'stored'>): void;
  /** The oldest that were decided so, where there are too many. */
  surplus(kind: 'delivered' | 'failed'): readonly Entry[];
  /** What an app sees. Frozen; the same array until something in it has changed. It is built when it is read. */
  readonly shown: readonly OutboxEntry[];
  /** Whether what an app sees has changed since this was asked last. */
  takeNews(): boolean;
}

/** What an app sees of no entries. */
export const NOTHING_SHOWN: readonly OutboxEntry[] = Object.freeze([]);

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
const isHidden = (entry: Pick<Entry, 'phase' | 'stored'>): boolean =>
  rowOf(entry).isOpen && entry.stored.skip === 'discarded';

type Stage = Pick<Entry, 'phase' | 'stored'>;

/** What an app sees of an entry that is in one stage, as words to compare. Null: nothing. */
const looksLike = (stage: Stage): string | null => {
  if (isHidden(stage)) return null;
  const { shows } = rowOf(stage);
  return `${shows} ${shows === 'failed' ? stage.stored.failure : ''} ${stage.stored.queuedAt}`;
};

const hasSameItems = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((item, at) => item === b[at]);

export const createOutboxQueue = (): OutboxQueue => {
  const list: {
    /** By key, in order. */
    entries: Map<string, Entry>;
    openCount: number;
    /** What an app has seen. */
    shown: readonly OutboxEntry[];
    /** Something in it may have changed since it was built. */
    isOld: boolean;
    hasNews: boolean;
  } = { entries: new Map(), openCount: 0, shown: NOTHING_SHOWN, isOld: false, hasNews: false };
  const decidedCount = { delivered: 0, failed: 0 };

  const looks = (): void => {
    list.isOld = true;
    list.hasNews = true;
  };
  const count = ({ phase }: Pick<Entry, 'phase'>, by: 1 | -1): void => {
    if (rowOf({ phase }).isOpen) list.openCount += by;
    if (phase === 'delivered' || phase === 'failed') decidedCount[phase] += by;
  };
  const add = (entry: Entry): void => {
    list.entries.set(entry.stored.key, entry);
    count(entry, 1);
    if (!isHidden(entry)) looks();
  };
  const remove = (entry: Entry): void => {
    if (list.entries.get(entry.stored.key) !== entry) return;
    list.entries.delete(entry.stored.key);
    count(entry, -1);
    if (!isHidden(entry)) looks();
  };

  return {
    get entries() {
      return [...list.entries.values()];
    },
    each: () => list.entries.values(),
    get openCount() {
      return list.openCount;
    },
    find: (key) => list.entries.get(key),
    add,
    insert(adopted) {
      for (const entry of adopted) add(entry);
      const sorted = byAge([...list.entries.values()]);
      list.entries = new Map(sorted.map((entry) => [entry.stored.key, entry]));
    },
    remove(gone) {
      for (const entry of gone) remove(entry);
    },
    retain(isKept) {
      const gone = [...list.entries.values()].filter((entry) => !isKept(entry));
      for (const entry of gone) remove(entry);
      return gone;
    },
    changes(entry, after) {
      const isIn = list.entries.get(entry.stored.key) === entry;
      if (isIn && looksLike(entry) !== looksLike(after)) looks();
      if (isIn) count(entry, -1);
      Object.assign(entry, after);
      if (isIn) count(entry, 1);
    },
    surplus(kind) {
      const found: Entry[] = [];
      const most = decidedCount[kind] - KEPT[kind];
      if (most <= 0) return found;
      for (const entry of list.entries.values()) {
        if (entry.phase === kind) found.push(entry);
        if (found.length === most) break;
      }
      return found;
    },
    get shown() {
      if (!list.isOld) return list.shown;
      list.isOld = false;
      const after: OutboxEntry[] = [];
      for (const entry of list.entries.values()) if (!isHidden(entry)) after.push(viewOf(entry));
      if (!hasSameItems(after, list.shown))
        list.shown = after.length === 0 ? NOTHING_SHOWN : Object.freeze(after);
      return list.shown;
    },
    takeNews() {
      const { hasNews } = list;
      list.hasNews = false;
      return hasNews;
    },
  };
};
