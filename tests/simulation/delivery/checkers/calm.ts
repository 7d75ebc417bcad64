import { nameOf } from '../history.ts';
import { createLogTruth } from './log-truth.ts';
import { type Checker, createBreaches } from './violation.ts';

/** How long after the last fault everything must be where it belongs, in ms of the world. */
export const CALM_WITHIN_MS = 240_000;
/** The design's connect budget. */
const DIALS_COUNT = 10;
const DIALS_WITHIN_MS = 60_000;

/** What ends a connection for good: a page of ours never deserves it. */
const FINAL_CODES = new Set([4400, 4403, 4409]);
/** Faults that leave sockets and their ends alone. */
const INDOOR_FAULTS = new Set([
  'http',
  'stumble',
  'storage',
  'doorbells lost',
  'trim',
  'store sluggish',
  'duplicate tab',
]);

/**
 * I7: once faults stop, each page has all of its log and nothing waits in an outbox; none is thrown out for good. I8: no page dials more than 10 times
 * in 60 s, whatever happens, and none dials twice where nothing happened to its socket and nobody asked it to.
 */
export const calmChecker: Checker = {
  rules: ['I7', 'I8'],
  check(records) {
    const { breaches, note } = createBreaches();
    const truth = createLogTruth();
    const has = new Map<string, { readonly user: string; readonly names: Set<string> }>();
    const dials = new Map<string, number[]>();
    const pageOfLink = new Map<number, string>();
    let isFairWeather = true;
    for (const record of records) {
      truth.take(record);
      if (record.what === 'page') has.set(record.page, { user: record.user, names: new Set() });
      else if (record.what === 'applied' || record.what === 'skipped')
        has.get(record.page)?.names.add(nameOf(record));
      else if (record.what === 'reloaded')
        for (const name of record.have) has.get(record.page)?.names.add(name);
      else if (record.what === 'link') pageOfLink.set(record.link, record.page);
      else if (record.what === 'closed') {
        const page = pageOfLink.get(record.link);
        if (record.by === 'server' && page !== undefined && has.has(page) && FINAL_CODES.has(record.code))
          note(record, 'I7', 'stuck', `${page} is thrown out with ${record.code}`);
        // What a page was thrown out for by its own doing: three times for a command that is too big.
        if (record.code === 1009) isFairWeather = false;
      } else if (record.what === 'wish') isFairWeather = false;
      else if (record.what === 'fault') isFairWeather &&= INDOOR_FAULTS.has(record.fault);
      else if (record.what === 'dial') {
        const earlier = dials.get(record.page) ?? [];
        dials.set(record.page, earlier);
        earlier.push(record.atMs);
        const within = earlier.filter((atMs) => atMs > record.atMs - DIALS_WITHIN_MS).length;
        if (within > DIALS_COUNT)
          note(record, 'I8', 'storm', `${record.page} dials for the ${within}th time in 60 s`);
      } else if (record.what === 'end') {
        for (const [page, { length }] of isFairWeather ? dials : [])
          if (length > 1) note(record, 'I8', 'storm', `${page} dials ${length} times in fair weather`);
        for (const { page, status, delivery, waiting } of record.pages) {
          const state = has.get(page);
          if (state === undefined) continue;
          const missing = truth.chainOf(state.user).filter((name) => !state.names.has(name));
          if (missing.length > 0)
            note(record, 'I7', 'lost', `${page} (${status}, ${delivery}) ends without ${missing.join(' ')}`);
          if (waiting > 0)
            note(record, 'I7', 'stuck', `${waiting} entries wait in the outbox of ${page} (${delivery})`);
        }
        if (record.calmAfterMs === null || record.calmAfterMs > CALM_WITHIN_MS) {
          const shown = record.pages.map(({ page, status, delivery }) => `${page} is ${status}, ${delivery}`);
          note(
            record,
            'I7',
            'stuck',
            `not calm ${CALM_WITHIN_MS} ms after the last fault: ${shown.join('; ')}`,
          );
        }
      }
    }
    return breaches;
  },
};
