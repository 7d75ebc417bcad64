/** What an app may pay for what it imports, in bytes after gzip. `npm run check` compares; see benchmarks/size/README.md. */

const CORE = "export { createConnection } from 'statesocket';";
const DELIVERY = "export { durableDelivery } from 'statesocket/delivery';";
const ADAPTERS = [
  "export { ConnectionProvider, useConnection, useConnectionStatus, useMessage, useSend } from 'statesocket/react';",
  "export { connectionSlice, bridgeToRedux, useReduxBridge } from 'statesocket/redux';",
  "export { bridgeToToasts, useToastBridge } from 'statesocket/toast';",
].join('');

/**
 * `withoutOurs`: our dependencies stay out too, and what is left is our own code. `beside`: what the page has already, and is not
 * counted. A budget is what was reached, and fails what makes it worse; an aim is what is wanted.
 */
export const SIZE_BUDGETS = [
  { name: 'a connection to a plain server, with XState', code: CORE, mostBytes: 32_700, aimBytes: 22_000 },
  {
    name: 'of that our own code',
    code: CORE,
    withoutOurs: true,
    mostBytes: 20_800,
    aimBytes: 9_000,
  },
  {
    name: 'the same with durable delivery, with XState',
    code: CORE + DELIVERY,
    mostBytes: 45_300,
    aimBytes: 32_000,
  },
  {
    name: 'react, redux and toast, beside a connection',
    code: ADAPTERS,
    beside: CORE,
    mostBytes: 4_000,
    aimBytes: 4_000,
  },
  {
    name: 'a backoff alone',
    code: "export { exponentialBackoff } from 'statesocket';",
    mostBytes: 1_000,
    aimBytes: 1_000,
  },
];
