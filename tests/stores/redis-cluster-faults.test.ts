import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { RedisServer } from '../../scripts/redis.mjs';
import { EMPTY_POSITION } from '../../src/gateway/index.ts';
import { createKeys, hashSlotOf } from '../../src/gateway/redis/keys.ts';
import { openRedis, startOwnCluster } from './support/redis-servers.ts';

const text = (n: number | string) => JSON.stringify({ type: 'NEW_MESSAGE', n });
const saying = (pattern: RegExp) => ({ code: 'engine-failed', message: expect.stringMatching(pattern) });
const untilItWorks = async <T>(step: () => Promise<T>): Promise<T> =>
  vi.waitFor(step, { timeout: 60_000, interval: 50 });

const keys = createKeys('statesocket');
const slotOf = (userId: string) => hashSlotOf(keys.ofUser(userId).slot);
const idOf = ({ cli }: RedisServer) => cli('cluster', 'myid');
const portOfSlot = (server: RedisServer, slot: number): number => {
  for (const line of server.cli('cluster', 'nodes').split('\n')) {
    const [, place = '', flags = '', , , , , , ...ranges] = line.split(' ');
    if (!flags.includes('master') || flags.includes('fail')) continue;
    for (const range of ranges) {
      const [from = Number.NaN, to = from] = range.split('-').map(Number);
      if (from <= slot && slot <= to) return Number(/:(\d+)/.exec(place)?.[1]);
    }
  }
  throw new Error('The slot has no server.');
};
const serverOf = (servers: readonly RedisServer[], slot: number): RedisServer => {
  const found = servers.find(({ port }) => port === portOfSlot(servers[0] as RedisServer, slot));
  if (found === undefined) throw new Error('There is no such server.');
  return found;
};

/** Moves a slot as `redis-cli --cluster reshard` does, a key at a time, slowly enough to meet calls on the way. */
const moveSlot = async (
  servers: readonly RedisServer[],
  slot: number,
  from: RedisServer,
  to: RedisServer,
) => {
  to.cli('cluster', 'setslot', String(slot), 'importing', idOf(from));
  from.cli('cluster', 'setslot', String(slot), 'migrating', idOf(to));
  for (;;) {
    const [key] = from.cli('cluster', 'getkeysinslot', String(slot), '1').split('\n');
    if (key === undefined || key === '') break;
    from.cli('migrate', '127.0.0.1', String(to.port), key, '0', '5000');
    await sleep(50);
  }
  for (const one of [to, from, ...servers]) one.cli('cluster', 'setslot', String(slot), 'node', idOf(to));
};

describe('a slot that moves to another server', () => {
  it('while appends run: nothing is lost, doubled or reordered, no reader sees a discontinuity, doorbells go on', async () => {
    const { servers, rootNodes } = await startOwnCluster();
    const engine = openRedis({ cluster: { rootNodes } });
    const reader = openRedis({ cluster: { rootNodes } });
    const bell = vi.fn();
    reader.subscribe('anna', bell);
    const [first] = (await engine.append('anna', [text(0)])) as string[];
    const bellSlot = hashSlotOf(keys.bellOf('anna'));
    let isOver = false;
    let n = 0;
    const writing = (async () => {
      while (!isOver) {
        n += 1;
        await engine.append('anna', [text(n)], { origin: 'bert', n });
        await engine.decide('anna', 'page', { n, key: `${n}`, verdict: 'done', publications: [] }, n - 1);
        await sleep(2);
      }
    })();
    for (const slot of [slotOf('anna'), bellSlot, slotOf('anna')]) {
      const from = serverOf(servers, slot);
      const to = servers[(servers.indexOf(from) + 1) % servers.length] as RedisServer;
      await moveSlot(servers, slot, from, to);
      await sleep(200);
    }
    isOver = true;
    await writing;
    expect(n).toBeGreaterThan(20);
    const log = (await reader.readAfter('anna', EMPTY_POSITION, 10_000)) ?? [];
    expect(log.map((entry) => entry.text)).toEqual(Array.from({ length: n + 1 }, (_, at) => text(at)));
    expect(await reader.readAfter('anna', first ?? '', 10)).toHaveLength(10);
    expect((await engine.recall('anna', 'page', n)).decided).toBe(n);
    await vi.waitFor(async () => {
      bell.mockClear();
      await engine.append('anna', [text('after')]);
      await sleep(100);
      expect(bell).toHaveBeenCalledTimes(1);
    }, 20_000);
  });
});

describe('a server of a cluster that', () => {
  it('crashes, and its replica takes over: calls go on there, and readers see a discontinuity', async () => {
    const { servers, rootNodes } = await startOwnCluster(1);
    const engine = openRedis({ cluster: { rootNodes } });
    const users = Array.from({ length: 12 }, (_, at) => `user ${at}`);
    const ids = new Map<string, string>();
    for (const user of users) ids.set(user, (await engine.append(user, [text(1)]))[0] ?? '');
    const bell = vi.fn();
    engine.subscribe('user 0', bell);
    const victim = serverOf(servers, slotOf('user 0'));
    const other = users.find((user) => serverOf(servers, slotOf(user)) !== victim) ?? '';
    await victim.stop();
    // Those of the others go on meanwhile, unless the whole cluster stands still.
    await untilItWorks(() => engine.append(other, [text(2)], { origin: 'bert', n: 1 }));
    const [next] = (await untilItWorks(() =>
      engine.append('user 0', [text(2)], { origin: 'bert', n: 1 }),
    )) as string[];
    expect(await engine.readAfter('user 0', ids.get('user 0') ?? '', 10)).toBeNull();
    expect(await engine.readAfter('user 0', next ?? '', 10)).toEqual([]);
    for (const user of users)
      await untilItWorks(async () =>
        expect(await engine.readAfter(user, ids.get(user) ?? '', 10)).toBeNull(),
      );
    await vi.waitFor(async () => {
      bell.mockClear();
      await engine.append('user 0', [text('after')]);
      await sleep(100);
      expect(bell).toHaveBeenCalled();
    }, 20_000);
  });

  it('crashes and has no replica: the cluster is down, in words, and goes on when it is back', async () => {
    const { servers, rootNodes } = await startOwnCluster();
    const engine = openRedis({ cluster: { rootNodes } });
    await engine.append('anna', [text(1)]);
    const victim = serverOf(servers, slotOf('anna'));
    const other =
      ['bert', 'cleo', 'dora', 'emil'].find((user) => serverOf(servers, slotOf(user)) !== victim) ?? '';
    await victim.stop();
    await untilItWorks(async () => {
      await expect(engine.append(other, [text(1)])).rejects.toMatchObject(
        saying(/The Redis Cluster is down/),
      );
    });
    await victim.start();
    await untilItWorks(() => engine.append('anna', [text(2)], { origin: 'bert', n: 1 }));
    await untilItWorks(() => engine.append(other, [text(2)], { origin: 'bert', n: 1 }));
  });

  it('names itself by an address that is translated: it is dialled at the other one', async () => {
    const { servers, rootNodes } = await startOwnCluster();
    for (const { cli } of servers) {
      cli('config', 'set', 'cluster-announce-hostname', 'far.invalid');
      cli('config', 'set', 'cluster-preferred-endpoint-type', 'hostname');
    }
    await vi.waitFor(
      () => expect(servers[0]?.cli('cluster', 'slots').match(/far\.invalid/g)).toHaveLength(3),
      20_000,
    );
    const engine = openRedis({
      cluster: {
        rootNodes: rootNodes.slice(0, 1),
        nodeAddressMap: (address) => ({ host: '127.0.0.1', port: Number(address.split(':')[1]) }),
      },
    });
    const users = Array.from({ length: 9 }, (_, at) => `user ${at}`);
    await Promise.all(users.map((user) => engine.append(user, [text(1)])));
    expect(await engine.readAfter('user 1', EMPTY_POSITION, 10)).toHaveLength(1);
  });
});
