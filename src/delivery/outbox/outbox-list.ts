import type { OutboxEntry } from '../../client/delivery-view.ts';
import type { Unsubscribe } from '../../lib/listener-list.ts';
import { createListenerList } from '../../lib/listener-list.ts';
import { runListener } from '../../lib/run-listener.ts';
import { StatesocketError } from '../../protocol/errors.ts';
import { entryOf, type OutboxItem } from './outbox-item.ts';

/** How many decided entries of each kind stay in sight. */
const KEPT_DELIVERED_COUNT = 50;
const KEPT_FAILED_COUNT = 100;

/** The entries in the order in which they were queued, and what an app sees of them. */
export interface OutboxList {
  /** The array is replaced, never altered, but for an entry added at its end. */
  readonly items: readonly OutboxItem[];
  /** How many wait for the wire or for a verdict. */
  readonly openCount: number;
  find(key: string): OutboxItem | undefined;
  add(item: OutboxItem): void;
  /** Puts entries of another session among them, by age. */
  insert(adopted: readonly OutboxItem[]): void;
  /** An entry waits no more, and shows what it showed until it is decided or taken out. */
  close(item: OutboxItem): void;
  /** Decides an entry. Answers the decided one that had to leave for it: the oldest of too many. */
  decide(item: OutboxItem, state: 'delivered' | 'failed', code?: string): OutboxItem | undefined;
  /** Takes entries out. */
  remove(items: readonly OutboxItem[]): void;
  /** What an app sees: the same array until something in it changes. */
  readonly entries: readonly OutboxEntry[];
  subscribe(listener: () => void): Unsubscribe;
  /** Tells subscribers, if `entries` is not what they saw last. */
  notify(): void;
  /** An item was changed. */
  touch(item: OutboxItem): void;
  /** Ends every subscription. */
  silence(): void;
}

/** In the order of `n` within a clientId, whatever their clocks said; by age between them. */
const byAge = (items: readonly OutboxItem[]): OutboxItem[] => {
  const rank = new Map<OutboxItem, number>();
  const latest = new Map<string, number>();
  for (const item of [...items].sort((a, b) => a.stored.n - b.stored.n)) {
    const { clientId, queuedAt } = item.stored;
    const at = Math.max(queuedAt, latest.get(clientId) ?? queuedAt);
    latest.set(clientId, at);
    rank.set(item, at);
  }
  const order = (a: OutboxItem, b: OutboxItem): number =>
    (rank.get(a) ?? 0) - (rank.get(b) ?? 0) ||
    (a.stored.clientId < b.stored.clientId ? -1 : Number(a.stored.clientId > b.stored.clientId)) ||
    a.stored.n - b.stored.n;
  return [...items].sort(order);
};

export const createOutboxList = (report: (error: StatesocketError) => void): OutboxList => {
  const listeners = createListenerList<() => void>();
  const views = new Map<OutboxItem, OutboxEntry>();
  let items: OutboxItem[] = [];
  let openCount = 0;
  let entries: readonly OutboxEntry[] | null = Object.freeze([]);
  let isSeen = true;

  const subscriberFailed = (cause: unknown): void => {
    const what = 'A subscriber of the outbox threw or rejected. The others still ran.';
    report(new StatesocketError('listener-failed', what, { cause }));
  };
  const changed = (): void => {
    entries = null;
    isSeen = false;
  };
  const close = (item: OutboxItem): void => {
    if (!item.isOpen) return;
    item.isOpen = false;
    openCount -= 1;
  };
  const remove = (gone: readonly OutboxItem[]): void => {
    const leaving = new Set(gone);
    for (const item of gone) {
      close(item);
      views.delete(item);
    }
    items = items.filter((item) => !leaving.has(item));
    changed();
  };
  const viewOf = (item: OutboxItem): OutboxEntry => {
    const view = views.get(item) ?? entryOf(item);
    views.set(item, view);
    return view;
  };
  /** A person has discarded it: whatever the server says of it still has to come. */
  const isHidden = ({ isOpen, stored }: OutboxItem): boolean => isOpen && stored.skip === 'discarded';

  return {
    get items() {
      return items;
    },
    get openCount() {
      return openCount;
    },
    find: (key) => items.find(({ stored }) => stored.key === key),
    add(item) {
      items.push(item);
      openCount += 1;
      changed();
    },
    insert(adopted) {
      items = byAge([...items, ...adopted]);
      openCount += adopted.filter(({ isOpen }) => isOpen).length;
      changed();
    },
    close,
    decide(item, state, code) {
      close(item);
      item.state = state;
      item.code = code;
      views.delete(item);
      changed();
      const decided = items.filter((other) => !other.isOpen && other.state === state);
      const isTooMany = decided.length > (state === 'failed' ? KEPT_FAILED_COUNT : KEPT_DELIVERED_COUNT);
      const [oldest] = decided;
      if (!isTooMany || oldest === undefined) return undefined;
      remove([oldest]);
      return oldest;
    },
    remove,
    get entries() {
      entries ??= Object.freeze(items.filter((item) => !isHidden(item)).map(viewOf));
      return entries;
    },
    subscribe: listeners.add,
    notify() {
      if (isSeen) return;
      isSeen = true;
      listeners.each((listener) => runListener(listener, subscriberFailed));
    },
    touch(item) {
      views.delete(item);
      changed();
    },
    silence: listeners.clear,
  };
};
