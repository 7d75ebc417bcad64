/** What run.mjs takes from the tests: the same run, the same faults, the same clients of ours. */
import { createConnection } from 'statesocket';
import { clusterSite } from '../../tests/integration/torture/cluster-site.ts';
import { openStatesocketMember } from '../../tests/integration/torture/member.ts';
import { openCluster } from '../../tests/integration/torture/open-cluster.ts';
import { redisServers } from '../../tests/integration/torture/redis-servers.ts';

export { torture } from '../../tests/integration/torture/torture.ts';
export { witnessed } from '../../tests/integration/torture/witness.ts';
export { clusterSite, openCluster, redisServers };
export const openMember = openStatesocketMember(createConnection);
