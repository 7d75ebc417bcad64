import { afterAll, beforeAll } from 'vitest';
import { type RedisServer, startRedis } from '../../scripts/redis.mjs';
import { redisEngine } from '../../src/gateway/redis/index.ts';
import { describeEngine } from '../contract/engine.contract.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.remove());

describeEngine(
  'redis',
  (options) => {
    server.cli('flushall');
    return redisEngine({ url: server.url, ...options });
  },
  (options) => redisEngine({ url: server.url, ...options }),
);
