import { createRandom } from '../../simulation/delivery/random.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { lastingPort } from '../../support/free-port.ts';
import type { SiteFaults } from './fault-script.ts';
import { createServerProcess, type ServerProcess } from './server-process.ts';
import type { Reported, Site, Witnessed } from './site.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The servers of a store, of which one takes writes. */
export interface StoreServers {
  /** Where the one that takes writes is now. */
  readonly port: number;
  /** Where the app has its messages, if not in the store. */
  readonly historyUrl?: string;
  /** What may happen to it, beside a failover: how long it stands still or is away, in ms. */
  crash(forMs: number): Promise<void>;
  restart(forMs: number): Promise<void>;
  freeze(forMs: number): Promise<void>;
  /** A replica falls behind for this long; then the other one dies, and the replica takes its place. `moved` is called as soon as it has. */
  failOver(behindMs: number, moved: () => void): Promise<void>;
  /** What happened in it. Null: nobody asks. */
  witnessed(refOf: (key: string) => string | undefined): Promise<Witnessed>;
  kill(): Promise<void>;
}

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

/** Gateways in processes of their own over one store, a proxy between each of them and the store, and a load balancer in front. */
export const clusterSite = async (options: {
  readonly seed: number;
  readonly nodeCount: number;
  readonly nodeScript: string;
  readonly store: StoreServers;
  /** What a node is started with. */
  readonly argsOf: (storePort: number, port: number) => readonly string[];
  readonly reported: Reported;
}): Promise<Site> => {
  const { store } = options;
  const routes = createRandom(`${options.seed}/routes`);
  const nodes: Node[] = [];
  for (let index = 0; index < options.nodeCount; index += 1) {
    const name = `node ${index + 1}`;
    const toStore = await startFaultProxy(() => store.port);
    const port = await lastingPort();
    const args = options.argsOf(toStore.port, port);
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
    node.last = done.catch(() => {}); // whoever waits for `done` is told
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
  const troubleStore = (fault: string, forMs: number): Promise<void> => {
    switch (fault) {
      case 'store freezes':
        return store.freeze(forMs);
      case 'store fails over':
        return store.failOver(forMs, () => {
          for (const { toStore } of nodes) toStore.reset();
        });
      default:
        return fault === 'store restarts' ? store.restart(forMs) : store.crash(forMs);
    }
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
      await Promise.all(nodes.map((node) => end(node, 'SIGTERM')));
      return store.witnessed(refOf);
    },
    async kill() {
      await Promise.all(nodes.map((node) => end(node, 'SIGKILL')));
      await Promise.all(nodes.map(({ toStore }) => toStore.close()));
      await store.kill();
    },
  };
};
