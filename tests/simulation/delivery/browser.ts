import type { OutboxStore, StoredEntry, StoreRequest } from '../../../src/actors/outbox-store.ts';
import type { Host } from './host.ts';
import type { Scheduler } from './scheduler.ts';

/** How the storage of a browser behaves from now on. `lazy`: it answers nothing, until it is in another mood. */
export type StorageMood = 'well' | 'slow' | 'full' | 'lazy';

/** One person's browser: the storage that its pages share, and a lock for each clientId that a page holds. */
export interface Browser {
  /** Storage as one page sees it. */
  storeOf(page: Host): OutboxStore;
  /** A page is gone: what it held is free, and another page may take it over. */
  pageGone(page: Host): void;
  behave(mood: StorageMood): void;
  /** Forgets everything, as a person who clears site data. Each page writes again what it answers for, as the real store does. */
  clear(): void;
}

interface Session {
  readonly page: Host;
  readonly request: StoreRequest;
  readonly held: Set<string>;
  /** What it has taken over or put, and not taken out: to be written again where the storage is cleared. */
  readonly answersFor: Map<string, StoredEntry>;
  isClosed: boolean;
}

interface Operation {
  readonly page: Host;
  readonly effect: () => void;
  readonly answer: () => void;
}

const SLOW_MS = 1_500;
/** How long after a page is gone the browser gives its locks to those who wait. */
const HANDOVER_MS = 20;

export const createBrowser = (options: {
  readonly scheduler: Scheduler;
  readonly latencyMs: () => number;
  /** How many of the operations of a page that has just gone are still done. */
  readonly survivors: (count: number) => number;
  /** An entry is in the storage now, was taken out by a page, or was cleared by the person. */
  readonly changed: (how: 'kept' | 'removed' | 'cleared', entry: StoredEntry) => void;
}): Browser => {
  const { scheduler, latencyMs, survivors } = options;
  const entries = new Map<string, StoredEntry>();
  const locks = new Map<string, Session>();
  let sessions: Session[] = [];
  let operations: Operation[] = [];
  const hanging: Operation[] = [];
  let lastAtMs = 0;
  let mood: StorageMood = 'well';

  const adopt = (session: Session) => {
    const { page, request, held } = session;
    if (session.isClosed || !page.isAlive) return;
    const left = new Map<string, StoredEntry[]>();
    for (const entry of entries.values()) {
      if (entry.userId !== request.userId || locks.has(entry.clientId)) continue;
      const others = left.get(entry.clientId) ?? [];
      others.push(entry);
      left.set(entry.clientId, others);
    }
    for (const [clientId, others] of left) {
      locks.set(clientId, session);
      held.add(clientId);
      for (const entry of others) session.answersFor.set(entry.key, entry);
      request.adopt(others);
    }
  };
  const handOver = () => {
    for (const session of sessions) session.page.after(HANDOVER_MS, () => adopt(session));
  };
  const release = (session: Session, held: ReadonlySet<string>) => {
    sessions = sessions.filter((other) => other !== session);
    for (const clientId of session.held) {
      if (held.has(clientId)) continue;
      session.held.delete(clientId);
      locks.delete(clientId);
    }
    handOver();
  };
  const launch = (operation: Operation) => {
    lastAtMs = Math.max(lastAtMs, scheduler.nowMs + latencyMs() + (mood === 'slow' ? SLOW_MS : 0));
    scheduler.at(lastAtMs, () => {
      if (!operations.includes(operation)) return;
      operations.splice(operations.indexOf(operation), 1);
      operation.effect();
      operation.page.after(1, operation.answer);
    });
  };
  /** The page hears of it later, if it still lives. Effects come in the order in which they were asked for. */
  const operate = (page: Host, effect: () => void, needsRoom = true): Promise<void> =>
    new Promise((resolve, reject) => {
      const isFull = mood === 'full' && needsRoom;
      const operation: Operation = {
        page,
        effect: isFull ? () => {} : effect,
        answer: isFull ? () => reject(new Error('QuotaExceededError')) : resolve,
      };
      operations.push(operation);
      if (mood === 'lazy') hanging.push(operation);
      else launch(operation);
    });

  const write = (page: Host, entry: StoredEntry): Promise<void> =>
    operate(page, () => {
      entries.set(entry.key, entry);
      options.changed('kept', entry);
    });

  return {
    storeOf: (page) => ({
      open(request) {
        const session: Session = {
          page,
          request,
          held: new Set([request.clientId]),
          answersFor: new Map(),
          isClosed: false,
        };
        locks.set(request.clientId, session);
        const loaded = operate(page, () => {
          if (session.isClosed || !page.isAlive) return;
          sessions.push(session);
          page.after(0, () => adopt(session));
        });
        return {
          loaded,
          exclusive: true,
          put(entry) {
            session.answersFor.set(entry.key, entry);
            return write(page, entry);
          },
          remove(gone) {
            for (const { key } of gone) session.answersFor.delete(key);
            return operate(page, () => {
              for (const entry of gone) if (entries.delete(entry.key)) options.changed('removed', entry);
            });
          },
          close(held) {
            session.isClosed = true;
            // What was asked for before is done first.
            operate(page, () => release(session, held), false);
          },
        };
      },
    }),
    pageGone(page) {
      // What it had asked for is done up to some point, and the rest never: before another page can take over.
      const own = operations.filter((operation) => operation.page === page && !hanging.includes(operation));
      for (const { effect } of own.slice(0, survivors(own.length))) effect();
      operations = operations.filter((operation) => operation.page !== page);
      for (const session of sessions) if (session.page === page) session.isClosed = true;
      sessions = sessions.filter((session) => session.page !== page);
      for (const [clientId, session] of locks) if (session.page === page) locks.delete(clientId);
      handOver();
    },
    behave(next) {
      mood = next;
      if (mood !== 'lazy') for (const operation of hanging.splice(0)) launch(operation);
    },
    clear() {
      for (const entry of entries.values()) options.changed('cleared', entry);
      entries.clear();
      for (const { page, answersFor, isClosed } of sessions)
        for (const entry of isClosed ? [] : answersFor.values()) write(page, entry).catch(() => {});
    },
  };
};
