import type { OutboxEvent, OutboxPort } from '../../../machines/index.ts';
import type { OutboxStore, StoredEntry } from '../../actors/outbox-store.ts';
import type { OutboxEntry } from '../../client/delivery-view.ts';
import type { SendResult } from '../../client/send-result.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Receipt } from '../../protocol/extension.ts';
import { createEntryMaker, type EntryMakerOptions } from './entry-maker.ts';
import { sortLeft } from './entry-text.ts';
import { createAgeWatch } from './outbox-age.ts';
import { changed, createOutboxCommit } from './outbox-commit.ts';
import { type Entry, rowOf } from './outbox-entry.ts';
import { createOutboxJudge, reportDiscarded } from './outbox-judge.ts';
import { createOutboxLine, type OutboxLine, type OutboxLink, type PlainLink } from './outbox-line.ts';
import { createOutboxQueue } from './outbox-queue.ts';
import { createSteadyStore } from './steady-store.ts';
import { createSuspicion } from './suspicion.ts';

export interface OutboxSessionOptions extends Omit<EntryMakerOptions, 'queue'> {
  readonly clock: Clock;
  readonly store: OutboxStore | null;
  /** How long an entry may wait, in ms. */
  readonly maxAgeMs: number;
  readonly onStoreFailure: (cause: unknown) => void;
  /** Something that an app sees may have changed. */
  readonly onShown: () => void;
  /** Nothing of it depends on this page any more. */
  readonly onOver: () => void;
}

/**
 * The durable messages of one user, under one clientId: from `connect()` until other pages may have all of it. Its chart says
 * what may be sent; what the chart is told is told here.
 */
export interface OutboxSession {
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
  add(text: string): SendResult;
  retry(key: string): void;
  discard(key: string): void;
  linked(link: OutboxLink): void;
  plain(link: PlainLink): void;
  lost(code: number | null): void;
  receipt(receipt: Receipt): void;
}

export const createOutboxSession = (options: OutboxSessionOptions): OutboxSession => {
  const { clock, time, userId, clientId, maxAgeMs, uuid, report } = options;
  const queue = createOutboxQueue();
  const suspicion = createSuspicion();
  const state: {
    user: 'here' | 'left' | 'loggedOut' | 'disposed';
    /** Whether what earlier sessions left has been read since the user came, or the work that is under way. */
    reading: Promise<void> | 'unread' | 'read';
    /** Null: it does not run yet; what it is told waits. */
    chart: { send(event: OutboxEvent): void } | null;
    link: PlainLink | null;
    line: OutboxLine | null;
  } = { user: 'here', reading: 'unread', chart: null, link: null, line: null };
  const untold: OutboxEvent[] = [];

  const tell = (event: OutboxEvent): void => {
    if (state.chart === null) untold.push(event);
    else state.chart.send(event);
  };
  const areVerdictsKept = (): boolean => entries.unkeptCount === 0;

  const store = createSteadyStore({
    store: options.store,
    clock,
    userId,
    clientId,
    uuid,
    onFailure: options.onStoreFailure,
    onAdopt: (stored) => adopt(stored),
    onHeld: (held) => keepHeld(held),
  });
  const entries = createOutboxCommit({
    queue,
    store,
    pump: () => state.line?.pump(),
    show() {
      if (state.user === 'here') age.watch();
      options.onShown();
    },
    onVerdictsKept() {
      // Where a line is at work its first command has gone.
      if (state.line !== null || state.link === null) return;
      tell({ type: 'verdicts.kept' });
      commit([]);
    },
    report,
  });
  const { apply, commit } = entries;

  const age = createAgeWatch({
    clock,
    time,
    maxAgeMs,
    queue,
    onOver: (old) => commit(judge.expiring(old)),
  });
  const judge = createOutboxJudge(age, store);
  const beginLine = (link: PlainLink, window: (() => number) | null): (() => void) => {
    const line = createOutboxLine({
      link,
      window,
      clock,
      queue,
      apply: (entry, event) => apply([{ entry, event }]),
      onTurn: (entry) => apply(judge.turn(entry, window === null)),
      onHandedOver(entry) {
        apply([changed({ type: 'hand' })(entry)]);
        options.onShown();
        queue.retain((other) => other !== entry);
      },
      onDrained: () => commit([]),
      onBroken() {
        state.link = null;
        tell({ type: 'link.lost' });
        link.broken();
      },
      report,
    });
    state.line = line;
    return () => {
      line.end();
      if (state.line === line) state.line = null;
    };
  };

  const adopt = (stored: readonly StoredEntry[]): void => {
    const known = new Set(queue.entries.map((entry) => entry.stored.key));
    const unknown = stored.filter(({ key }) => !known.has(key));
    const left = sortLeft(unknown, judge.isForgotten, report);
    if (state.user === 'loggedOut') {
      store.remove(stored);
      reportDiscarded(left.adopted, 'logout', report);
      return;
    }
    if (left.useless.length > 0) store.remove(left.useless);
    queue.insert(left.adopted);
    // Queued while a clock was ahead: else it would outlive maxAgeMs, and what the server remembers.
    const now = time();
    const early = left.adopted.filter((entry) => entry.stored.queuedAt > now);
    apply(early.map(changed({ type: 'save', queuedAt: now })));
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

  const make = createEntryMaker({ ...options, queue });
  /** A new entry, which is not stored yet. Null: it was refused. */
  const queueUp = (text: string): Entry | null => {
    const entry = make(text);
    if (entry === null) return null;
    queue.add(entry);
    // A plain server takes it now; for any other it is stored first.
    if (state.line?.isPlain === true) state.line.pump();
    return entry;
  };

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
        reading?.then(() => {
          if (state.reading === reading) read();
        });
      },
      beginPlain() {
        suspicion.clearsAll();
        return state.link === null ? () => {} : beginLine(state.link, null);
      },
      beginFlow() {
        const link = state.link as OutboxLink | null;
        return link === null ? () => {} : beginLine(link, () => (suspicion.isActive ? 1 : link.window));
      },
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
      const old = queue.entries.filter(judge.isForgotten);
      apply(old.map(changed({ type: 'forget' })));
      tell({ type: 'user.returned' });
      commit([]);
    },
    leaves() {
      state.user = 'left';
      state.link = null;
      age.stop();
      apply(queue.entries.map(changed({ type: 'leave' })));
      const held = store.leave();
      suspicion.clears(queue.retain((entry) => held.has(entry.stored.clientId)));
      tell({ type: 'user.left', isStored: held.size === 0 });
      return held.size > 0;
    },
    loggedOut() {
      state.user = 'loggedOut';
      state.link = null;
      age.stop();
      reportDiscarded(queue.entries, 'logout', report);
      apply(queue.entries.map(changed({ type: 'forget' })));
      // What is still being read is discarded as it comes.
      tell({ type: 'user.loggedOut', isStored: state.reading === 'read' && store.leave().size === 0 });
    },
    disposed() {
      const lost = queue.entries.filter(({ stored }) => !store.outlivesPage(stored));
      if (state.user !== 'loggedOut') state.user = 'disposed';
      state.link = null;
      age.stop();
      tell({ type: 'connection.ended' });
      return lost;
    },
    add(text) {
      const entry = queueUp(text);
      if (entry === null) return 'refused';
      commit([changed({ type: 'save' })(entry)]);
      return rowOf(entry).shows === 'queued' ? 'queued' : 'sent';
    },
    retry(key) {
      const failed = queue.find(key);
      if (failed?.phase !== 'failed') return;
      const entry = queueUp(failed.stored.text);
      if (entry !== null) commit([changed({ type: 'save' })(entry), changed({ type: 'forget' })(failed)]);
    },
    discard(key) {
      const entry = queue.find(key);
      if (entry !== undefined) commit([judge.discard(entry)]);
    },
    linked(link) {
      apply(judge.numbering(queue.entries));
      state.link = link;
      tell({ type: 'link.welcomed', areVerdictsKept: areVerdictsKept() });
      commit([]);
    },
    plain(link) {
      state.link = link;
      tell({ type: 'link.plain' });
      commit([]);
    },
    lost(code) {
      const poison = suspicion.closed(state.line?.inFlight ?? [], code);
      state.link = null;
      tell({ type: 'link.lost' });
      commit(judge.quarantine(poison));
    },
    receipt(receipt) {
      const verdicts = state.line?.receipt(receipt) ?? [];
      suspicion.clears(verdicts.map(({ entry }) => entry));
      if (verdicts.length > 0) commit(verdicts.map(judge.verdict));
    },
  };
};
