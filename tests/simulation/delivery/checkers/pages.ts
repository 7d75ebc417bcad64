import { EMPTY_POSITION } from '../../../../src/protocol/extension.ts';
import { nameOf, type Record } from '../history.ts';
import { createLogTruth } from './log-truth.ts';
import { type Checker, createBreaches } from './violation.ts';

interface PageState {
  readonly user: string;
  /** What it has: off the wire, over HTTP, or visibly skipped. */
  readonly has: Set<string>;
  /** What its listeners got, and in which stretch between two discontinuities. */
  readonly applied: Map<string, number>;
  stretch: number;
  /** The chain is in `has` up to here. */
  wholeCount: number;
  last: { readonly id: string; readonly name: string; readonly index: number } | null;
  /** How many messages of the chain lie up to the cursor that its last RESUME named. */
  cursorCount: number;
  /** The user's log has lost its tail while this page lived. */
  sawFork: boolean;
}

/**
 * What a page has applied, against the log: I4 each message at most once, I5 in the order of the log and no hole crossed
 * in silence or announced where there is none, I6 an ACK only for what it has.
 *
 * Where a shard's tail was lost and written again, a page may get such a message a second time, after a discontinuity. What
 * it was sent of the lost branch it may still apply: the order of that branch is in no log any more.
 */
export const pageChecker: Checker = {
  rules: ['I4', 'I5', 'I6'],
  check(records) {
    const { breaches, note } = createBreaches();
    const truth = createLogTruth();
    const pages = new Map<string, PageState>();
    /** The least that a log has kept. */
    const retained = new Map<string, number>();
    const pageOfLink = new Map<number, { readonly page: string; readonly speaks: boolean }>();

    /** The ends of positions that a log begins with where it has lost its tail: nothing lies before them. */
    const tokens = new Set<string>();

    const wholeOf = (state: PageState): number => {
      const chain = truth.chainOf(state.user);
      state.wholeCount = Math.min(state.wholeCount, chain.length);
      while (state.wholeCount < chain.length && state.has.has(chain[state.wholeCount] ?? ''))
        state.wholeCount += 1;
      return state.wholeCount;
    };

    const applied = (record: Record & { what: 'applied' }, state: PageState) => {
      const { page, id, ref } = record;
      const name = nameOf(record);
      const chain = truth.chainOf(state.user);
      const index = truth.indexAt(state.user, id);
      const before = state.applied.get(name);
      if (before !== undefined && (before === state.stretch || !truth.wasLost(ref)))
        note(record, 'I4', 'duplicated', `${page} applies ${name} twice`);
      state.applied.set(name, state.stretch);
      if (index === -1) {
        if (truth.nameAt(state.user, id) !== name)
          note(record, 'I5', 'duplicated', `${page} applies ${name}, which was never in ${state.user}'s log`);
      } else {
        const whole = wholeOf(state);
        if (index > whole)
          note(
            record,
            'I5',
            'lost',
            `${page} applies ${name} without ${chain.slice(whole, index).join(' ')}`,
          );
        if (state.last !== null && before === undefined && index < state.last.index)
          note(record, 'I5', 'reordered', `${page} applies ${name} after ${state.last.name}`);
        state.last = { id, name, index };
      }
      state.has.add(name);
    };

    const acked = (record: Record, state: PageState, page: string, messageId: unknown) => {
      if (messageId === EMPTY_POSITION || typeof messageId !== 'string') return;
      const name = truth.nameAt(state.user, messageId);
      if (name === undefined && tokens.has(messageId.slice(messageId.indexOf('-') + 1))) return;
      if (name === undefined) {
        note(record, 'I6', 'early ACK', `${page} acknowledges ${messageId}, which no log has`);
      } else if (truth.indexAt(state.user, messageId) >= wholeOf(state)) {
        const missing = truth.chainOf(state.user)[state.wholeCount];
        note(record, 'I6', 'early ACK', `${page} acknowledges ${name} without ${missing}`);
      }
    };

    const resumes = (state: PageState, after: unknown) => {
      if (typeof after === 'string') state.cursorCount = truth.indexAt(state.user, after) + 1;
    };
    /** A cursor is known as long as the log keeps the message after it. */
    const alarm = (record: Record & { what: 'discontinuity' }, state: PageState) => {
      state.stretch += 1;
      const beyondCount = truth.chainOf(state.user).length - (retained.get(state.user) ?? 0);
      if (record.reason === 'gap' && !state.sawFork && state.cursorCount >= beyondCount)
        note(record, 'I5', 'false alarm', `${record.page} reloads, and all that it lacks is in the log`);
    };

    for (const record of records) {
      truth.take(record);
      if (record.what === 'branch') tokens.add(record.token);
      else if (record.what === 'retention') {
        retained.set(record.user, Math.min(record.count, retained.get(record.user) ?? record.count));
      } else if (record.what === 'page') {
        const { page, user } = record;
        pages.set(page, {
          user,
          has: new Set(),
          applied: new Map(),
          stretch: 0,
          wholeCount: 0,
          last: null,
          cursorCount: 0,
          sawFork: false,
        });
      } else if (record.what === 'link') {
        pageOfLink.set(record.link, record);
      } else if (record.what === 'frame') {
        if (record.way === 'down' || record.moment !== 'sent') continue;
        const link = pageOfLink.get(record.link);
        const state = pages.get(link?.page ?? '');
        if (link === undefined || state === undefined || !link.speaks) continue;
        for (const { type, messageId, after } of record.members) {
          if (type === 'ACK') acked(record, state, link.page, messageId);
          else if (type === 'RESUME') resumes(state, after);
        }
      } else if (record.what === 'tail lost') {
        for (const state of pages.values()) {
          if (state.user !== record.user) continue;
          state.sawFork = true;
          if (state.last === null) continue;
          if (truth.indexAt(state.user, state.last.id) === -1) state.last = null;
        }
      } else if ('page' in record) {
        const state = pages.get(record.page);
        if (state === undefined) continue;
        if (record.what === 'applied') applied(record, state);
        else if (record.what === 'skipped') state.has.add(nameOf(record));
        else if (record.what === 'discontinuity') alarm(record, state);
        else if (record.what === 'reloaded') for (const name of record.have) state.has.add(name);
      }
    }
    return breaches;
  },
};
