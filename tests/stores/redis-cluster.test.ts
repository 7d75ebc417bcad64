import { afterAll, beforeAll } from 'vitest';
import { type RedisClusterServers, startRedisCluster } from '../../scripts/redis.mjs';
import { redisEngine } from '../../src/gateway/redis/index.ts';
import { describeEngine } from '../contract/engine.contract.ts';

let cluster: RedisClusterServers;
beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(() => cluster.remove());

describeEngine(
  'redis cluster',
  (options) => {
    for (const { cli } of cluster.servers) cli('flushall');
    return redisEngine({ cluster: { rootNodes: cluster.rootNodes }, ...options });
  },
  (options) => redisEngine({ cluster: { rootNodes: cluster.rootNodes }, ...options }),
);
