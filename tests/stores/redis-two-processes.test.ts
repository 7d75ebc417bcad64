import { startOwnCluster, startOwnRedis } from './support/redis-servers.ts';
import { describeTwoGateways } from './support/two-gateways.ts';

const ENGINE = 'statesocket/gateway/redis#redisEngine';

describeTwoGateways('Redis', ENGINE, async () => ({ url: (await startOwnRedis()).url }));

describeTwoGateways('Redis Cluster', ENGINE, async () => ({
  cluster: { rootNodes: (await startOwnCluster()).rootNodes },
}));
