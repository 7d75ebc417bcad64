import { join } from 'node:path';
import { createConnection } from 'statesocket';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { buildForNode } from '../../scripts/build-for-node.mjs';
import { openStatesocketMember } from '../integration/torture/member.ts';
import { openCluster } from '../integration/torture/open-cluster.ts';
import { type TortureOutcome, torture } from '../integration/torture/torture.ts';
import { commandChecker } from '../simulation/delivery/checkers/commands.ts';
import { pageChecker } from '../simulation/delivery/checkers/pages.ts';

/** For 20 minutes: npm run torture -- --store=postgres --nodes=3. */
let built: Awaited<ReturnType<typeof buildForNode>>;
beforeAll(async () => {
  built = await buildForNode({ node: 'tests/integration/torture/node-server.ts' });
}, 60_000);
afterAll(() => built.remove());

const RETAINED_COUNT = 200;

const runTorture = (store: 'postgres' | 'redis', seed: number): Promise<TortureOutcome> =>
  torture({
    seed,
    durationMs: 16_000,
    faultEveryMs: 450,
    sayEveryMs: 150,
    awayMs: 5_000,
    retainedCount: RETAINED_COUNT,
    open: openStatesocketMember(createConnection),
    openSite: (users, reported) =>
      openCluster({
        store,
        seed,
        nodeCount: 3,
        nodeScript: join(built.directory, 'node.js'),
        template: inject('postgresTemplate'),
        retainedCount: RETAINED_COUNT,
        users,
        reported,
      }),
  });

describe('three gateways over one store with a replica, under faults of clients, nodes, store and the networks between', () => {
  it.each([
    ['postgres', 3],
    ['redis', 3],
  ] as const)(
    'lose nothing, double nothing and reorder nothing, but for what a failover loses: %s, I2 I3 I4 I5 I6 I7 I8',
    async (store, seed) => {
      const outcome = await runTorture(store, seed);
      expect(outcome.breaches).toEqual([]);
      expect(outcome.calmAfterMs).not.toBeNull();
      expect(outcome.saidCount).toBeGreaterThan(100);
      expect(outcome.endToEnd).toMatchObject({ outOfOrderCount: 0, givenUpCount: 0, undecidedCount: 0 });
      for (const fault of ['kill -9', 'rolling restart', 'store crashes', 'store fails over'])
        expect(Object.keys(outcome.faultCounts)).toContain(fault);
      // The failover has lost something, and pages were told: the same rules find it where nobody says so.
      const untold = outcome.records.filter(({ what }) => what !== 'tail lost');
      expect(untold.length).toBeLessThan(outcome.records.length);
      expect(outcome.gapCount).toBeGreaterThan(0);
      expect([commandChecker, pageChecker].flatMap(({ check }) => check(untold))).not.toEqual([]);
    },
    300_000,
  );
});
