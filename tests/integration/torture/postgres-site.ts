import pg from 'pg';
import { type PostgresServer, startPostgres, startPostgresReplica } from '../../../scripts/postgres.mjs';
import { createRandom } from '../../simulation/delivery/random.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { lastingPort } from '../../support/free-port.ts';
import type { SiteFaults } from './fault-script.ts';
import { lostBetween, readTestimony, type Testimony, toldBy } from './postgres-witness.ts';
import { createServerProcess, type ServerProcess } from './server-process.ts';
import type { Reported, Site, Witnessed } from './site.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One gateway process, and its own network to the store. */
interface Node {
  readonly name: string;
  readonly port: number;
  readonly server: ServerProcess;
  readonly toStore: FaultProxy;
  /** What is done to it, one after the other. */
  last: Promise<void>;
  isUp: boolean;
}

const faultsOf = (nodes: readonly string[]): SiteFaults => ({
  'kill -9': { dealt: 3, lastsMs: [0, 2_000], on: nodes },
  freeze: { dealt: 2, lastsMs: [200, 5_000], on: nodes },
  restart: { dealt: 1, lastsMs: [0, 1_000], on: nodes },
  'cut off from the store': { dealt: 2, lastsMs: [300, 6_000], on: nodes },
  'connections to the store reset': { dealt: 2, lastsMs: [0, 0], on: nodes },
  'rolling restart': { dealt: 1, lastsMs: [100, 500], on: ['all nodes'] },
  'store crashes': { dealt: 1, lastsMs: [100, 1_500], on: ['the store'] },
  'store restarts': { dealt: 1, lastsMs: [0, 500], on: ['the store'] },
  'store freezes': { dealt: 1, lastsMs: [300, 5_000], on: ['the store'] },
  'store fails over': { dealt: 1, lastsMs: [600, 1_500], on: ['the store'] },
});

/** Gateways in processes of their own over one Postgres with a streaming replica, a proxy between each node and the store. */
export const postgresSite = async (options: {
  readonly seed: number;
  readonly nodeCount: number;
  readonly nodeScript: string;
  readonly template: string;
  readonly retainedCount: number;
  readonly users: readonly string[];
  readonly reported: Reported;
}): Promise<Site> => {
  const routes = createRandom(`${options.seed}/routes`);
  let primary: PostgresServer = await startPostgres({ template: options.template });
  const link = await startFaultProxy(() => primary.port);
  let replica: PostgresServer | null = await startPostgresReplica({
    port: primary.port,
    fromPort: link.port,
  });
  /** Of databases that lost the end of what they had: what they had, what is gone, and when. */
  const branches: { readonly testimony: Testimony; readonly atMs: number; next: Testimony | null }[] = [];
  let isOver = false;
  let reading: Promise<unknown> = Promise.resolve();

  const nodes: Node[] = [];
  for (let index = 0; index < options.nodeCount; index += 1) {
    const name = `node ${index + 1}`;
    const toStore = await startFaultProxy(() => primary.port);
    const port = await lastingPort();
    const url = `postgres://postgres@127.0.0.1:${toStore.port}/postgres`;
    const args = ['postgres', url, String(port), String(options.retainedCount), options.users.join(',')];
    const server = createServerProcess(options.nodeScript, args, (code) => options.reported(name, code));
    nodes.push({ name, port, server, toStore, last: Promise.resolve(), isUp: false });
  }
  const start = async (node: Node) => {
    await node.server.start();
    node.isUp = true;
  };
  const end = async (node: Node, signal: NodeJS.Signals) => {
    node.isUp = false;
    await node.server.end(signal);
  };
  const inTurn = (node: Node, act: () => Promise<void>): Promise<void> => {
    const done = node.last.then(act);
    node.last = done.catch(() => {});
    return done;
  };

  const troubleNode = async (node: Node, fault: string, forMs: number) => {
    switch (fault) {
      case 'kill -9':
      case 'restart':
        await end(node, fault === 'restart' ? 'SIGTERM' : 'SIGKILL');
        await pause(forMs);
        return start(node);
      case 'freeze':
        node.server.signal('SIGSTOP');
        await pause(forMs);
        return node.server.signal('SIGCONT');
      case 'cut off from the store':
        node.toStore.stall();
        await pause(forMs);
        return node.toStore.heal();
      default:
        return node.toStore.reset();
    }
  };
  /** The replica falls behind, the primary dies, and the replica takes its place. What only the dead one knew is read off its files. */
  const failOver = async (behindMs: number) => {
    const next = replica;
    if (next === null) return;
    replica = null;
    link.stall();
    await pause(behindMs);
    const dead = primary;
    await dead.stop('SIGQUIT');
    // What the stalled link has kept never comes.
    link.drop();
    link.reset();
    await link.heal();
    const client = new pg.Client({ connectionString: next.url() });
    await client.connect();
    await client.query('SELECT pg_promote(true, 30)');
    const atMs = Date.now();
    const after = await readTestimony(next.url());
    // A place of the lost branch must not lie beyond what comes now.
    await client.query("SELECT setval('witness_seq_seq', nextval('witness_seq_seq') + 1000000)");
    await client.end();
    primary = next;
    for (const { toStore } of nodes) toStore.reset();
    reading = (async () => {
      await dead.start();
      branches.push({ testimony: await readTestimony(dead.url()), atMs, next: after });
      await dead.remove();
      if (!isOver) replica = await startPostgresReplica({ port: primary.port, fromPort: link.port });
    })();
    await reading;
  };
  const troubleStore = async (fault: string, forMs: number) => {
    switch (fault) {
      case 'store freezes':
        primary.signalAll('SIGSTOP');
        await pause(forMs);
        return primary.signalAll('SIGCONT');
      case 'store fails over':
        return failOver(forMs);
      default:
        await primary.stop(fault === 'store restarts' ? 'SIGINT' : 'SIGQUIT');
        await pause(forMs);
        return primary.start();
    }
  };

  const witnessed = async (refOf: (key: string) => string | undefined): Promise<Witnessed> => {
    const final = await readTestimony(primary.url());
    const told: { at: number; happening: Witnessed[number]['happening'] }[] = [];
    /** What each dead primary had, and the last one, without what was told of the one before. */
    let known = new Set<string>();
    const fresh = (testimony: Testimony): Testimony => {
      const nameOf = (row: Testimony['rows'][number]) =>
        JSON.stringify([row.name, row.what, row.id, row.n, row.at]);
      const rows = testimony.rows.filter((row) => !known.has(nameOf(row)));
      known = new Set([...known, ...testimony.rows.map(nameOf)]);
      return { rows, announcements: testimony === final ? final.announcements : [] };
    };
    for (const { testimony, atMs, next } of branches) {
      told.push(...toldBy(fresh(testimony), refOf));
      for (const lost of next === null ? [] : lostBetween(testimony, next))
        told.push({
          at: atMs,
          happening:
            lost.what === 'tail lost' ? { ...lost, refs: lost.refs.map((key) => refOf(key) ?? key) } : lost,
        });
    }
    told.push(...toldBy(fresh(final), refOf));
    return told;
  };

  return {
    faults: faultsOf(nodes.map(({ name }) => name)),
    async start() {
      await Promise.all(nodes.map(start));
    },
    nextPort() {
      const up = nodes.filter(({ isUp }) => isUp);
      return routes.pick(up.length > 0 ? up : nodes).port;
    },
    async take(fault, on, forMs) {
      const node = nodes.find(({ name }) => name === on);
      if (node !== undefined) return inTurn(node, () => troubleNode(node, fault, forMs));
      if (on === 'the store') return troubleStore(fault, forMs);
      for (const one of nodes)
        await inTurn(one, async () => {
          await end(one, 'SIGTERM');
          await pause(forMs);
          await start(one);
        });
    },
    quiet() {
      for (const { server } of nodes) server.tell({ announcing: false });
    },
    async end(refOf) {
      isOver = true;
      await reading;
      await Promise.all(nodes.map((node) => end(node, 'SIGTERM')));
      return witnessed(refOf);
    },
    async kill() {
      isOver = true;
      await Promise.all(nodes.map((node) => end(node, 'SIGKILL')));
      await reading.catch(() => {});
      await Promise.all([link, ...nodes.map(({ toStore }) => toStore)].map((proxy) => proxy.close()));
      await Promise.all([replica?.remove(), primary.remove()]);
    },
  };
};
