/**
 * The engine that keeps a gateway's logs in Postgres. Needs the package `pg`. Importing it does nothing.
 * @module statesocket/gateway/postgres
 */

export type { ClientPool, PooledClient, PostgresEngineOptions, QueryClient } from './options.ts';
export { type PostgresEngine, postgresEngine } from './postgres-engine.ts';
export type { PublishedIn } from './publish-in.ts';
