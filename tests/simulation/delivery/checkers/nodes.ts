import { type Checker, createBreaches } from './violation.ts';

/**
 * What nodes say to each other: a volatile message comes to a page at most once, whatever happens. After the last fault, when all
 * is calm, it comes to each page of its users at each node, a user who is disconnected is so at each node, and who
 * comes back is shown everybody who is online anywhere.
 */
export const nodeChecker: Checker = {
  rules: ['nodes'],
  check(records) {
    const { breaches, note } = createBreaches();
    const had = new Set<string>();
    for (const record of records) {
      if (record.what === 'volatile') {
        const name = `${record.page} ${record.uid}`;
        if (had.has(name)) note(record, 'nodes', 'duplicated', `${record.page} gets ${record.uid} twice`);
        had.add(name);
      } else if (record.what === 'unheard') {
        note(record, 'nodes', 'lost', `${record.of} does not reach ${record.page}`);
      }
    }
    return breaches;
  },
};
