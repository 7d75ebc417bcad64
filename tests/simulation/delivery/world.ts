import { type Browser, createBrowser } from './browser.ts';
import { type ChatApp, createChatApp } from './chat-app.ts';
import type { StoreModel } from './engines/engine-kind.ts';
import { openStore } from './engines/open-store.ts';
import { createGatewayNode, type GatewayNode } from './gateway-node.ts';
import { createHistory, type History } from './history.ts';
import type { Link } from './link.ts';
import { createNetwork, type Network } from './network.ts';
import { type HttpMood, openPage, type Page } from './page.ts';
import type { Parts } from './parts.ts';
import { createPlainNode } from './plain-node.ts';
import { createRandom, type Random } from './random.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import { createShards, type Shards } from './shards.ts';
import type { Plan } from './steps.ts';

/** People with browsers, gateways on one store, and the network between them. */
export interface World {
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly history: History;
  readonly app: ChatApp;
  readonly shards: Shards;
  readonly model: StoreModel;
  readonly network: Network;
  /** The gateways that run; null: it is down. */
  readonly nodes: (GatewayNode | null)[];
  readonly pages: readonly Page[];
  browserOf(user: string): Browser;
  openTab(user: string): Page;
  /** The tab ends, as the system ends it: its sockets are cut off. */
  closeTab(page: Page): void;
  startNode(index: number): void;
  /** The process is gone; what its sockets carried is lost, and their peers hear of it or not. */
  crashNode(index: number, how: string): void;
  /** The living links of a page, newest first. */
  linksOf(page: Page): readonly Link[];
  readonly httpMoods: Map<string, HttpMood>;
  readonly offline: Set<string>;
  /** One chance in so many, drawn for this run. */
  readonly luck: Random;
}

/** The oldest an entry of an outbox may grow, in ms. */
const MAX_AGE_MS = 120_000;

export const createWorld = (plan: Plan, parts: Parts): World => {
  const random = createRandom(plan.seed);
  const luck = random.fork('luck');
  const scheduler = createScheduler();
  const history = createHistory(() => scheduler.nowMs);
  const app = createChatApp();
  const shards = createShards({ parts, scheduler, history, app, maxCount: plan.retainedCount });
  const pages: Page[] = [];
  const browsers = new Map<string, Browser>();
  const pageCounts = new Map<string, number>();
  const httpMoods = new Map<string, HttpMood>();
  const offline = new Set<string>();
  const nodes: (GatewayNode | null)[] = Array(plan.nodeCount).fill(null);
  const starts: number[] = Array(plan.nodeCount).fill(0);

  /** Of its own source for each use, so that a step more or less changes little of the rest. */
  const latency = (name: string) => {
    const draws = random.fork(name);
    const [least, most] = plan.latencyMs;
    return () => draws.between(least, most);
  };

  const model = openStore({ kind: plan.engine, parts, scheduler, shards, latencyOf: latency });

  const network = createNetwork({
    scheduler,
    history,
    nodes,
    offline,
    speaks: plan.plain === undefined,
    routes: random.fork('routes'),
    latencyOf: (link) => latency(`link ${link}`),
  });

  const world: World = {
    plan,
    scheduler,
    history,
    app,
    shards,
    model,
    network,
    nodes,
    pages,
    httpMoods,
    offline,
    luck,
    browserOf(user) {
      const browser =
        browsers.get(user) ??
        createBrowser({
          scheduler,
          latencyMs: latency(`storage of ${user}`),
          survivors: (count) => luck.below(count + 1),
          changed: (what, { key, failure }) =>
            history.add({
              what,
              user,
              ref: app.refOf(key, key),
              ...(failure === undefined ? {} : { isFailure: true }),
            }),
        });
      browsers.set(user, browser);
      return browser;
    },
    openTab(user) {
      const count = (pageCounts.get(user) ?? 0) + 1;
      pageCounts.set(user, count);
      const name = `${user}${count}`;
      const page = openPage({
        name,
        user,
        keeps: plan.keeps,
        parts,
        scheduler,
        random: random.fork(`page ${name}`),
        history,
        app,
        browser: world.browserOf(user),
        maxCount: plan.maxCount,
        maxAgeMs: MAX_AGE_MS,
        knowsServer: plan.plain === undefined,
        httpMood: () => httpMoods.get(user) ?? 'well',
        network,
      });
      pages.push(page);
      return page;
    },
    closeTab(page) {
      page.close();
      pages.splice(pages.indexOf(page), 1);
      for (const link of world.linksOf(page)) {
        link.endClient();
        scheduler.after(luck.between(5, 2_000), link.endServer);
      }
    },
    startNode(index) {
      if (nodes[index] !== null) return;
      starts[index] = (starts[index] ?? 0) + 1;
      const name = `g${index + 1}.${starts[index]}`;
      const node = (plan.plain === undefined ? createGatewayNode : createPlainNode)({
        name,
        ownWelcome: plan.plain === 'own welcome',
        parts,
        scheduler,
        history,
        shards,
        model,
        app,
        users: plan.users,
        latencyMs: latency(`store of ${name}`),
        die(how) {
          world.crashNode(index, how);
          scheduler.after(luck.between(100, 5_000), () => world.startNode(index));
        },
      });
      nodes[index] = node;
      node.announce();
    },
    crashNode(index, how) {
      const node = nodes[index];
      if (node === null || node === undefined) return;
      nodes[index] = null;
      node.host.kill();
      history.add({ what: 'fault', fault: `crash ${how}`, on: node.name });
      for (const link of network.links) {
        if (link.node !== node.name || !link.isAlive) continue;
        link.up.die();
        // What it had written to its socket may still be under way. The system closes the rest, or the machine is gone.
        if (luck.chance(0.5)) link.down.die();
        if (luck.chance(0.8)) scheduler.after(luck.between(5, 200), link.endClient);
      }
    },
    linksOf: (page) => network.links.filter((link) => link.page === page.host.name && link.isAlive).reverse(),
  };
  return world;
};
