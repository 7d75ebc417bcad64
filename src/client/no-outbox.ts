import type { Outbox } from './delivery-view.ts';

/** `connection.outbox` without the option `delivery`: always empty. */
export const NO_OUTBOX: Outbox = Object.freeze({
  entries: Object.freeze([]),
  subscribe: () => () => {},
  retry() {},
  discard() {},
});
