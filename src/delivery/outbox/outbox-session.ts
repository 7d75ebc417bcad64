import type { OutboxPort } from '../../../machines/index.ts';
import type { StoredEntry } from '../../actors/outbox-store.ts';
import type { OutboxEntry } from '../../client/delivery-view.ts';
import { StatesocketError } from '../../protocol/errors.ts';
import type { Receipt } from '../../protocol/extension.ts';
import { createDueWork } from './due-work.ts';
import { createEntryMaker, type EntryMakerOptions } from './entry-maker.ts';
import { sortLeft } from './entry-text.ts';
import { changed } from './outbox-commit.ts';
import type { Entry } from './outbox-entry.ts';
import { reportDiscarded } from './outbox-judge.ts';
import type { OutboxLink, PlainLink } from './outbox-line.ts';
import { createOutboxParts, type OutboxPartsOptions } from './outbox-parts.ts';
import { createOutboxPort } from './outbox-port.ts';
import { createOutboxRequests, type OutboxRequests } from './outbox-requests.ts';
import { createQueueChart, type OutboxFunction } from './queue-chart.ts';

export interface OutboxSessionOptions
  extends Omit<OutboxPartsOptions, 'isHere' | 'tell' | 'onAdopt'>,
    Omit<EntryMakerOptions, 'queue'> {
  /** The chart of each queue, as a function. */
  readonly chartFunction: OutboxFunction;
  /** Nothing of it depends on this page any more. */
  readonly onOver: () => void;
}

/** Lets each entry by once that is not among these. */
const newTo = (entries: readonly Entry[]) => {
  const known = new Set(entries.map(({ stored }) => stored.key));
  return ({ key }: StoredEntry): boolean => !known.has(key) && known.add(key).has(key);
};

/** A store of the app's own may mix users up. What is another's must not go out in the name of this one (I14). */
const ownOf = (
  stored: readonly StoredEntry[],
  { userId, report }: Pick<OutboxSessionOptions, 'userId' | 'report'>,
): readonly StoredEntry[] => {
  const own = stored.filter((each) => each.userId === userId);
  if (own.length < stored.length) {
    const count = stored.length - own.length;
    const what = `The store gave ${count} messages of another user. They are left where they are; look at its open().`;
    report(new StatesocketError('storage-failed', what));
  }
  return own;
};

/**
 * The durable messages of one user, under one clientId: from `connect()` until other pages may have all of it. Its chart says
 * whose it is and what may be sent; what the chart is told is told here.
 */
export interface OutboxSession extends OutboxRequests {
  readonly userId: string;
  /** What its chart has it do. */
  readonly port: OutboxPort;
  /** The return of its user continues it. */
  readonly mayReturn: boolean;
  /** Its chart has taken an event. */
  took(event: object): void;
  /** What an app sees of it. */
  readonly shown: readonly OutboxEntry[];
  /** Whether that has changed since this was asked last. */
  takeNews(): boolean;
  /** Its chart runs, if it can. */
  begun(): void;
  /** The user is back. */
  returns(): void;
  /** The user is gone. */
  leaves(): void;
  /** The user has logged out. */
  loggedOut(): void;
  /** The connection has ended. Returns what is lost with it. */
  disposed(): readonly Entry[];
  linked(link: OutboxLink): void;
  plain(link: PlainLink): void;
  lost(code: number | null): void;
  receipt(receipt: Receipt): void;
}

export const createOutboxSession = (options: OutboxSessionOptions): OutboxSession => {
  const { time, report } = options;
  const chart = createQueueChart(options.chartFunction);
  const due = createDueWork();

  const tell: typeof chart.tell = (event) => {
    chart.tell(event);
    due.doAll();
  };
  const parts = createOutboxParts({
    ...options,
    isHere: () => chart.place === 'here',
    tell,
    onAdopt: (stored) => adopt(stored),
  });
  const { queue, suspicion, store, judge, socket } = parts;
  const { apply, commit } = parts.commits;
  const areVerdictsKept = (): boolean => parts.commits.unkeptCount === 0;

  const adopt = (stored: readonly StoredEntry[]): void => {
    const own = ownOf(stored, options);
    const left = sortLeft(own.filter(newTo(queue.entries)), judge.isForgotten, report);
    if (chart.place === 'clearing' || chart.place === 'forgetting') {
      store.remove(own);
      reportDiscarded(left.adopted, 'logout', report);
      return;
    }
    if (left.useless.length > 0) store.remove(left.useless);
    queue.insert(left.adopted);
    // Queued while a clock was ahead: else it would outlive maxAgeMs, and what the server remembers.
    const queuedAt = time();
    const early = left.adopted.filter((entry) => entry.stored.queuedAt > queuedAt);
    apply(early.map(changed({ type: 'save', queuedAt })));
    commit(options.knowsServer() ? judge.numbering(queue.entries) : []);
  };

  const port = createOutboxPort({ chart, due, parts, areVerdictsKept, tell, report, onOver: options.onOver });
  const requests = createOutboxRequests({
    make: createEntryMaker({ ...options, queue }),
    queue,
    judge,
    line: () => socket.line,
    commit,
  });

  return {
    userId: options.userId,
    port,
    get mayReturn() {
      const { place } = chart;
      return place === 'here' || place === 'left';
    },
    took: chart.took,
    get shown() {
      return queue.shown;
    },
    takeNews: queue.takeNews,
    begun() {
      due.doAll();
      commit([]);
    },
    returns() {
      tell({ type: 'user.returned' });
      commit([]);
    },
    leaves: () => tell({ type: 'user.left' }),
    loggedOut: () => tell({ type: 'user.loggedOut' }),
    disposed() {
      const lost = queue.entries.filter(({ stored }) => !store.outlivesPage(stored));
      tell({ type: 'connection.ended' });
      return lost;
    },
    ...requests,
    linked(link) {
      apply(judge.numbering(queue.entries));
      socket.meets(link);
      tell({ type: 'link.welcomed', areVerdictsKept: areVerdictsKept() });
      commit([]);
    },
    plain(link) {
      socket.meets(link);
      tell({ type: 'link.plain' });
      commit([]);
    },
    lost(code) {
      const poison = suspicion.closed(socket.line?.inFlight ?? [], code);
      socket.meets(null);
      tell({ type: 'link.lost' });
      commit(judge.quarantine(poison));
    },
    receipt(receipt) {
      const verdicts = socket.line?.receipt(receipt) ?? [];
      suspicion.clears(verdicts.map(({ entry }) => entry));
      if (verdicts.length > 0) commit(verdicts.map(judge.verdict));
    },
  };
};
