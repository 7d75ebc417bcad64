import type { Outbox } from './outbox.ts';

/** `connection.outbox` without the option `delivery`: always empty. */
export const NO_OUTBOX: Outbox = Object.freeze({
  entries: Object.freeze([]),
  subscribe: () => () => {},
  retry() {},
  discard() {},
});
