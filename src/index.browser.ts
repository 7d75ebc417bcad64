/**
 * The core as a page in production gets it, by the conditions `browser` and `production` of package.json's `exports`: the same names.
 */
export { createConnection } from './client/create-lean-connection.ts';
export * from './index.ts';
