import { nameOf } from '../history.ts';
import { type Checker, createBreaches } from './violation.ts';

/**
 * A page with a server that knows nothing of the extension: I4 a message that it repeats is applied once, and I12 no entry
 * is called delivered, since nobody could have said so.
 */
export const plainChecker: Checker = {
  rules: ['I4', 'I12'],
  check(records) {
    const { breaches, note } = createBreaches();
    const applied = new Set<string>();
    for (const record of records) {
      if (record.what === 'applied') {
        const name = `${record.page} ${nameOf(record)}`;
        if (applied.has(name)) note(record, 'I4', 'duplicated', `${name} is applied twice`);
        applied.add(name);
      } else if (record.what === 'entry' && record.state === 'delivered') {
        note(record, 'I12', 'false verdict', `${record.ref} is delivered, and a plain server cannot say so`);
      } else if (record.what === 'discontinuity') {
        note(record, 'I12', 'false alarm', `${record.page} reloads, and a plain server has no log`);
      }
    }
    return breaches;
  },
};
