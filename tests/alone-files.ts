/** Test files that need a process of their own: they replace modules, or read what other files would leave in a shared one
 * (the heap, modules that are loaded, a Sentry SDK, a platform's Response that @hono/node-server replaces). */
export const ALONE_FILES: readonly string[] = [
  'tests/app/server/http-rules.test.ts',
  'tests/attack/slow-readers.test.ts',
  'tests/client/broken-batch.test.ts',
  'tests/client/cures.test.ts',
  'tests/delivery/outbox/heap.test.ts',
  'tests/gateway/import.test.ts',
  'tests/protocol/hostile-text-cost.test.ts',
  'tests/react/server-rendering.test.ts',
  'tests/sentry/sentry-node-requests.test.ts',
  'tests/sentry/sentry-node.test.ts',
  'tests/simulation/fuzz/fuzz.test.ts',
  'tests/stately/inspect-connection.test.ts',
];
