import { onTestFinished } from 'vitest';
import { startRedis, startRedisCluster, startReplica } from '../../../scripts/redis.mjs';
import { type RedisEngineOptions, redisEngine } from '../../../src/gateway/redis/index.ts';

/** A server of one's own. It is gone when the test ends. */
export const startOwnRedis = async (settings: Readonly<Record<string, string | number>> = {}) => {
  const server = await startRedis({ settings });
  onTestFinished(() => server.remove());
  return server;
};

export const startOwnReplica = async (
  primary: { readonly port: number },
  settings: Readonly<Record<string, string | number>> = {},
) => {
  const replica = await startReplica(primary, { settings });
  onTestFinished(() => replica.remove());
  return replica;
};

export const startOwnCluster = async (replicasCount = 0) => {
  const cluster = await startRedisCluster({ replicasCount });
  onTestFinished(() => cluster.remove());
  return cluster;
};

/** An engine that is closed when the test ends. */
export const openRedis = (options: RedisEngineOptions) => {
  const engine = redisEngine(options);
  onTestFinished(() => engine.close());
  return engine;
};
