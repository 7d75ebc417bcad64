import pg from 'pg';
import { type PostgresServer, startPostgres, startPostgresReplica } from '../../../scripts/postgres.mjs';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import type { StoreServers } from './cluster-site.ts';
import { lostBetween, readTestimony, type Testimony, toldBy } from './postgres-witness.ts';
import type { Witnessed } from './site.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A database that is no more: what it had, what the one that took its place had then, and when. */
interface Branch {
  readonly testimony: Testimony;
  readonly next: Testimony;
  readonly atMs: number;
}

/** What is said of a row that no other row is said of. */
const nameOf = ({ name, what, id, n, at }: Testimony['rows'][number]) =>
  JSON.stringify([name, what, id, n, at]);

/** What happened in a row of databases, each of which began as a copy of the last, without its end. */
const toldByAll = (
  branches: readonly Branch[],
  final: Testimony,
  refOf: (key: string) => string | undefined,
): Witnessed => {
  const told: { at: number; happening: Witnessed[number]['happening'] }[] = [];
  const known = new Set<string>();
  const tell = ({ rows }: Testimony, announcements: Testimony['announcements']) => {
    const fresh = rows.filter((row) => !known.has(nameOf(row)));
    for (const row of fresh) known.add(nameOf(row));
    told.push(...toldBy({ rows: fresh, announcements }, refOf));
  };
  for (const { testimony, next, atMs } of branches) {
    tell(testimony, []);
    for (const lost of lostBetween(testimony, next, refOf)) told.push({ at: atMs, happening: lost });
  }
  tell(final, final.announcements);
  return told;
};

/** A Postgres with a streaming replica, which a proxy of its own leads to. */
export const postgresServers = async (template: string): Promise<StoreServers> => {
  let primary: PostgresServer = await startPostgres({ template });
  const link = await startFaultProxy(() => primary.port);
  const follow = () => startPostgresReplica({ port: primary.port, fromPort: link.port });
  let replica: PostgresServer | null = await follow();
  const branches: Branch[] = [];

  /** Makes the replica a primary that goes on from what it has. */
  const promote = async (next: PostgresServer): Promise<Testimony> => {
    const client = new pg.Client({ connectionString: next.url() });
    await client.connect();
    await client.query('SELECT pg_promote(true, 30)');
    // A place of the lost branch must not lie beyond what comes now.
    await client.query("SELECT setval('witness_seq_seq', nextval('witness_seq_seq') + 1000000)");
    await client.end();
    return readTestimony(next.url());
  };
  const away = async (signal: NodeJS.Signals, forMs: number) => {
    await primary.stop(signal);
    await pause(forMs);
    await primary.start();
  };

  return {
    get port() {
      return primary.port;
    },
    crash: (forMs) => away('SIGQUIT', forMs),
    restart: (forMs) => away('SIGINT', forMs),
    async freeze(forMs) {
      primary.signalAll('SIGSTOP');
      await pause(forMs);
      primary.signalAll('SIGCONT');
    },
    async failOver(behindMs, moved) {
      const [dead, next] = [primary, replica];
      if (next === null) return;
      link.stall();
      await pause(behindMs);
      await dead.stop('SIGQUIT');
      // What the stalled link has kept never comes.
      link.drop();
      link.reset();
      await link.heal();
      const kept = await promote(next);
      const atMs = Date.now();
      [primary, replica] = [next, null];
      moved();
      // What only the dead one knew is read off its files.
      await dead.start();
      branches.push({ testimony: await readTestimony(dead.url()), next: kept, atMs });
      await dead.remove();
      replica = await follow();
    },
    witnessed: async (refOf) => toldByAll(branches, await readTestimony(primary.url()), refOf),
    async kill() {
      await Promise.all([link.close(), replica?.remove(), primary.remove()]);
    },
  };
};
