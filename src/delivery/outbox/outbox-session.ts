import type { OutboxEvent, OutboxPort } from '../../../machines/index.ts';
import type { StoredEntry } from '../../actors/outbox-store.ts';
import type { OutboxEntry } from '../../client/delivery-view.ts';
import { StatesocketError } from '../../protocol/errors.ts';
import type { Receipt } from '../../protocol/extension.ts';
import { createEntryMaker, type EntryMakerOptions } from './entry-maker.ts';
import { sortLeft } from './entry-text.ts';
import { changed } from './outbox-commit.ts';
import type { Entry } from './outbox-entry.ts';
import { reportDiscarded } from './outbox-judge.ts';
import type { OutboxLink, PlainLink } from './outbox-line.ts';
import { createOutboxParts, type OutboxPartsOptions } from './outbox-parts.ts';
import { createOutboxRequests, type OutboxRequests } from './outbox-requests.ts';

export interface OutboxSessionOptions
  extends Omit<OutboxPartsOptions, 'isHere' | 'tell' | 'onAdopt' | 'onHeld'>,
    Omit<EntryMakerOptions, 'queue'> {
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
 * what may be sent; what the chart is told is told here.
 */
export interface OutboxSession extends OutboxRequests {
  /** What its chart has it do. */
  readonly port: OutboxPort;
  /** What an app sees of it. */
  shown(before: readonly OutboxEntry[]): readonly OutboxEntry[];
  /** Its chart runs, if it can. */
  begun(): void;
  /** The user is back. */
  returns(): void;
  /** The user is gone. Whether anything is kept in this page for their return. */
  leaves(): boolean;
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
  const state: {
    user: 'here' | 'left' | 'loggedOut' | 'disposed';
    /** Whether what earlier sessions left has been read since the user came, or the work that is under way. */
    reading: Promise<void> | 'unread' | 'read';
    /** Null: it does not run yet; what it is told waits. */
    chart: { send(event: OutboxEvent): void } | null;
  } = { user: 'here', reading: 'unread', chart: null };
  const untold: OutboxEvent[] = [];

  const tell = (event: OutboxEvent): void => {
    if (state.chart === null) untold.push(event);
    else state.chart.send(event);
  };
  const parts = createOutboxParts({
    ...options,
    isHere: () => state.user === 'here',
    tell,
    onAdopt: (stored) => adopt(stored),
    onHeld: (held) => keepHeld(held),
  });
  const { queue, suspicion, store, age, judge, socket } = parts;
  const { apply, commit } = parts.commits;
  const areVerdictsKept = (): boolean => parts.commits.unkeptCount === 0;

  const adopt = (stored: readonly StoredEntry[]): void => {
    const own = ownOf(stored, options);
    const left = sortLeft(own.filter(newTo(queue.entries)), judge.isForgotten, report);
    if (state.user === 'loggedOut') {
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

  /** Its user is gone: what other pages may have is theirs. */
  const keepHeld = (held: ReadonlySet<string>): void => {
    suspicion.clears(queue.retain((entry) => held.has(entry.stored.clientId)));
    if (held.size === 0) tell({ type: 'all.stored' });
  };

  const read = (): void => {
    if (state.user === 'loggedOut') keepHeld(store.leave());
    if (state.user !== 'here') return;
    state.reading = 'read';
    tell({ type: 'store.read', areVerdictsKept: areVerdictsKept() });
    commit([]);
  };

  const requests = createOutboxRequests({
    make: createEntryMaker({ ...options, queue }),
    queue,
    judge,
    line: () => socket.line,
    commit,
  });

  return {
    port: {
      read(chart) {
        state.chart = chart;
        // It starts late where the user came within a step of the chart that it is a child of.
        if (untold.length > 0) queueMicrotask(() => commit([]));
        for (const event of untold.splice(0)) chart.send(event);
        if (state.user === 'left' || state.user === 'disposed') return;
        const reading = store.open();
        if (reading === undefined) read();
        else state.reading = reading;
        reading?.then(() => (state.reading === reading ? read() : undefined));
      },
      beginPlain: socket.beginPlain,
      beginFlow: socket.beginFlow,
      close() {
        state.chart = null;
        // What a user who has logged out left before is forgotten as it comes, after the end of the connection too.
        if (state.user === 'loggedOut' && typeof state.reading !== 'string') state.reading.then(store.close);
        else store.close();
        options.onOver();
      },
    },
    shown: queue.shown,
    begun: () => commit([]),
    returns() {
      state.user = 'here';
      state.reading = 'unread';
      apply(queue.entries.filter(judge.isForgotten).map(changed({ type: 'forget' })));
      tell({ type: 'user.returned' });
      commit([]);
    },
    leaves() {
      state.user = 'left';
      socket.meets(null);
      age.stop();
      apply(queue.entries.map(changed({ type: 'leave' })));
      const held = store.leave();
      suspicion.clears(queue.retain((entry) => held.has(entry.stored.clientId)));
      tell({ type: 'user.left', isStored: held.size === 0 });
      return held.size > 0;
    },
    loggedOut() {
      state.user = 'loggedOut';
      socket.meets(null);
      age.stop();
      reportDiscarded(queue.entries, 'logout', report);
      apply(queue.entries.map(changed({ type: 'forget' })));
      // What is still being read is discarded as it comes.
      tell({ type: 'user.loggedOut', isStored: state.reading === 'read' && store.leave().size === 0 });
    },
    disposed() {
      const lost = queue.entries.filter(({ stored }) => !store.outlivesPage(stored));
      if (state.user !== 'loggedOut') state.user = 'disposed';
      socket.meets(null);
      age.stop();
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
