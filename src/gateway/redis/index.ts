/**
 * The engine that keeps a gateway's logs in Redis or Valkey. Needs the package `redis`. Importing it does nothing.
 * @module statesocket/gateway/redis
 */

export type { ClusterOptions, RedisClient, RedisEngineOptions, ServerOptions } from './options.ts';
export { type RedisEngine, redisEngine } from './redis-engine.ts';
