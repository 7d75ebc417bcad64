import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RedisServer, startRedis, startReplica } from '../../../scripts/redis.mjs';
import type { Happening } from '../../simulation/delivery/history.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import type { StoreServers } from './cluster-site.ts';
import { createRedisWitness, happeningsOf, type Seen } from './redis-witness.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Everything that was confirmed is in the file of a server that is killed. */
const SETTINGS = { appendonly: 'yes', appendfsync: 'everysec' };
/** Nobody listens there: while a server comes back it is not to be had, until what it does is seen. */
const NOBODY = 1;

/** A Redis that writes to a file, with a replica that a proxy of its own leads to. */
export const redisServers = async (): Promise<StoreServers> => {
  let primary: RedisServer = await startRedis({ settings: SETTINGS });
  const link = await startFaultProxy(() => primary.port);
  const follow = () => startReplica({ port: link.port }, { settings: SETTINGS });
  let replica: RedisServer | null = await follow();
  let isAway = false;
  const witness = createRedisWitness();
  await witness.listenTo(primary.port);
  /** What a failover has lost, each with the number of what was seen before. */
  const breaks: {
    readonly after: number;
    readonly at: number;
    readonly lost: readonly Seen[];
  }[] = [];
  const usersSeen = () => [...new Set(witness.seen.map(({ user }) => user))];

  const history = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://history.test');
    try {
      await witness.catchUp();
      const place = Number(searchParams.get('place'));
      const rows = witness.seen.slice(place).filter((one) => one.user === pathname.slice(1));
      const names = rows.flatMap((one) => (one.what === 'entry' ? [`${one.ref}:${one.part}`] : []));
      response.end(JSON.stringify({ names, place: witness.seen.length }));
    } catch {
      // The store is away: the page asks again.
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => history.listen(0, '127.0.0.1', resolve));

  const goesOn = async (lost: readonly Seen[]) => {
    await witness.listenTo(primary.port);
    breaks.push({ after: witness.seen.length, at: Date.now(), lost });
    isAway = false;
  };
  const away = async (signal: NodeJS.Signals, forMs: number) => {
    isAway = true;
    await primary.stop(signal);
    await pause(forMs);
    await primary.start();
    // One that was promoted is started as the replica that it was.
    primary.cli('REPLICAOF', 'NO', 'ONE');
    await goesOn([]);
  };
  /** What of the branch in force a server does not know, at its count of entries and of decisions. */
  const unknownTo = (server: RedisServer): readonly Seen[] => {
    const gone = new Set(breaks.flatMap(({ lost }) => lost));
    const head = (user: string, field: string) =>
      Number(server.cli('HGET', `statesocket:{${user}}:s`, field).split(' ')[0] ?? 0);
    const counts = new Map<string, number>();
    const nameOf = (one: Seen) =>
      JSON.stringify([one.user, one.what === 'entry' ? 'count' : `c:${one.clientKey}`]);
    for (const one of witness.seen) {
      const name = nameOf(one);
      if (!counts.has(name))
        counts.set(name, head(one.user, one.what === 'entry' ? 'count' : `c:${one.clientKey}`));
    }
    return witness.seen.filter((one) => !gone.has(one) && one.n > (counts.get(nameOf(one)) ?? 0));
  };

  return {
    get port() {
      return isAway ? NOBODY : primary.port;
    },
    historyUrl: `http://127.0.0.1:${(history.address() as AddressInfo).port}`,
    crash: (forMs) => away('SIGKILL', forMs),
    restart: (forMs) => away('SIGTERM', forMs),
    async freeze(forMs) {
      primary.signal('SIGSTOP');
      await pause(forMs);
      primary.signal('SIGCONT');
    },
    async failOver(behindMs, moved) {
      const [dead, next] = [primary, replica];
      if (next === null) return;
      link.stall();
      await pause(behindMs);
      isAway = true;
      await witness.catchUp();
      await dead.stop('SIGKILL');
      // What the stalled link has kept never comes.
      link.drop();
      link.reset();
      await link.heal();
      next.cli('REPLICAOF', 'NO', 'ONE');
      [primary, replica] = [next, null];
      await goesOn(unknownTo(next));
      moved();
      await dead.remove();
      replica = await follow();
    },
    async witnessed(refOf) {
      await witness.catchUp();
      const told: { at: number; happening: Happening }[] = [...witness.tokens].map((token) => ({
        at: 0,
        happening: { what: 'branch', token },
      }));
      let from = 0;
      const everybody = usersSeen();
      for (const one of [...breaks, null]) {
        const { after, at, lost } = one ?? { after: witness.seen.length, at: 0, lost: [] };
        told.push(...happeningsOf(witness.seen.slice(from, after), refOf));
        from = after;
        // Each restart and each failover is a discontinuity for everybody, also where nothing was lost, or nothing was there yet.
        for (const user of one === null ? [] : everybody) {
          const own = lost.filter((seen) => seen.user === user);
          const entries = own.flatMap((seen) =>
            seen.what === 'entry' ? [{ id: seen.id, ref: seen.ref, part: seen.part }] : [],
          );
          const refs = own.flatMap((seen) => (seen.what === 'decision' ? [refOf(seen.key) ?? seen.key] : []));
          told.push({ at, happening: { what: 'tail lost', user, entries, refs } });
        }
      }
      return told;
    },
    async kill() {
      witness.close();
      history.close();
      await Promise.all([link.close(), replica?.remove(), primary.remove()]);
    },
  };
};
