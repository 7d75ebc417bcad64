/** See README.md. `--only chat,flat --kinds sqlite` runs some of it; `--scale 0.02 --json` is a short run for a program to read. */
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { quantile } from '../../quantile.mjs';
import { startNode, startStore, withCluster } from './cluster.mjs';
import { chat, createReturning, dialAll, openCrowd, shout } from './crowd.mjs';

const { values: args } = parseArgs({
  options: {
    only: { type: 'string', default: 'chat,two,flat,nodes,return,mix' },
    /** Of the users, of what they say together, and of the seconds. */
    scale: { type: 'string', default: '1' },
    kinds: { type: 'string', default: 'plain,memory,sqlite,postgres,redis' },
    json: { type: 'boolean', default: false },
  },
});
const scale = Number(args.scale);
const scaled = (count, least) => Math.max(least, Math.round(count * scale));
const SECONDS = Math.max(1, 15 * scale);
/** Before each measurement: compiled, and past the connects. */
const WARM_SECONDS = Math.max(0.5, 3 * scale);
const IDLE_MS = Math.max(500, 15_000 * scale);

const usage = async ({ nodes, store }, gc = false) => {
  const figures = await Promise.all(nodes.map((node) => node.figures(gc)));
  const sum = (name) => figures.reduce((total, one) => total + one[name], 0);
  return {
    cpuUs: sum('cpuUs'),
    rss: sum('rss'),
    count: sum('count'),
    storeUs: store.cpuUs(),
    delayP99Ms: Math.max(...figures.map((one) => one.delayP99Ms)),
  };
};
const latenciesOf = ({ latencies, total, lateCount }) => ({
  messages: total,
  'not there after 10 s': lateCount,
  'p50, ms': quantile(latencies, 0.5) ?? 0,
  'p95, ms': quantile(latencies, 0.95) ?? 0,
  'p99, ms': quantile(latencies, 0.99) ?? 0,
});

/** A chat at a rate, and what it costs beyond what the same crowd costs while it is silent. */
const measureChat = async ({ kind, nodeCount = 1, users, perSecond, seconds = SECONDS }) =>
  withCluster(kind, nodeCount, async (cluster) => {
    const count = nodeCount * Math.ceil(users / nodeCount);
    const crowd = await openCrowd({ nodes: cluster.nodes, count, kind });
    const say = (forSeconds) =>
      chat({
        crowd,
        perSecond: rateOf(perSecond, count),
        seconds: forSeconds,
        partnerOf: (from) => (from + 1) % count,
      });
    await say(WARM_SECONDS);
    const silent = await usage(cluster);
    await sleep(IDLE_MS);
    const before = await usage(cluster);
    const said = await say(seconds);
    const after = await usage(cluster);
    crowd.close();
    const idleShare = (seconds * 1_000) / IDLE_MS;
    const costOf = (name) =>
      Math.max(0, after[name] - before[name] - (before[name] - silent[name]) * idleShare) / said.total;
    return {
      ...latenciesOf(said),
      'CPU of the nodes per message, µs': costOf('cpuUs'),
      'CPU of the store per message, µs': costOf('storeUs'),
      'loop delay p99, ms': after.delayP99Ms,
    };
  });

/** All pages of one node, idle, and then back after it was killed. */
const measureReturn = async (kind, count) => {
  const store = await startStore('none');
  let node = await startNode(kind, store.place);
  const { port } = node;
  try {
    const empty = await usage({ nodes: [node], store }, true);
    const { state, dialOne } = createReturning({ portOf: () => port, kind });
    const startedAt = performance.now();
    await dialAll(count, dialOne, count);
    const acceptMs = state.lastAt - startedAt;
    await sleep(2_500);
    const full = await usage({ nodes: [node], store }, true);
    const idleFrom = await usage({ nodes: [node], store });
    await sleep(IDLE_MS);
    const idleTo = await usage({ nodes: [node], store });
    await node.stop();
    node = await startNode(kind, store.place, port);
    const backFrom = performance.now();
    for (const until = Date.now() + 120_000; state.openCount < count && Date.now() < until; ) await sleep(50);
    return {
      sockets: state.openCount,
      'RSS per socket, kB': (full.rss - empty.rss) / count / 1024,
      'CPU per idle socket and minute, µs': ((idleTo.cpuUs - idleFrom.cpuUs) / count) * (60_000 / IDLE_MS),
      'accepted a second, all at once': (count / acceptMs) * 1_000,
      'all back after, s': (state.lastAt - backFrom) / 1_000,
      'as a ratio to what the accept rate allows': (state.lastAt - backFrom) / acceptMs,
    };
  } finally {
    await node.stop();
    await store.remove();
  }
};

/** Supabase's mix: a message a second to oneself and one to a room of six, from each user: each hears seven. */
const measureMix = async (kind, nodeCount, users) =>
  withCluster(kind, nodeCount, async (cluster) => {
    // Rooms lie across the nodes.
    const crowd = await openCrowd({ nodes: cluster.nodes, count: users, kind });
    await sleep(2_500);
    await shout({ crowd, perUserPerSecond: 1, seconds: WARM_SECONDS });
    const before = await usage(cluster);
    const said = await shout({ crowd, perUserPerSecond: 1, seconds: SECONDS });
    const after = await usage(cluster);
    crowd.close();
    return {
      users,
      'messages a second': said.total / SECONDS,
      ...latenciesOf(said),
      'CPU of the nodes per message, µs': (after.cpuUs - before.cpuUs) / said.total,
      'CPU of the store per message, µs': (after.storeUs - before.storeUs) / said.total,
    };
  });

const only = (kinds) => kinds.filter((kind) => args.kinds.split(',').includes(kind));
const STORES = only(['postgres', 'redis']);
/** So many messages a second one user says at most: a socket that says more than 50 is not listened to. */
const MOST_PER_USER = 10;
const rateOf = (perSecond, users) => Math.min(perSecond, users * MOST_PER_USER);
const series = {
  async chat() {
    const users = scaled(100, 20);
    const rows = {};
    for (const kind of only(['plain', 'memory', 'sqlite', 'postgres', 'redis']))
      rows[kind] = await measureChat({ kind, users, perSecond: 1_000 });
    return rows;
  },
  async two() {
    const rows = {};
    for (const kind of STORES)
      rows[kind] = await measureChat({ kind, nodeCount: 2, users: scaled(100, 20), perSecond: 500 });
    return rows;
  },
  async flat() {
    const rows = {};
    for (const users of [scaled(100, 30), scaled(1_000, 31), scaled(10_000, 32)])
      for (const kind of only(['plain', 'sqlite']))
        rows[`${kind}, ${users} users`] = await measureChat({
          kind,
          users,
          perSecond: 300,
          seconds: SECONDS * 2,
        });
    return rows;
  },
  async nodes() {
    const rows = {};
    for (const kind of STORES)
      for (const nodeCount of [1, 2, 3])
        rows[`${kind}, nodes: ${nodeCount}`] = await measureChat({
          kind,
          nodeCount,
          users: scaled(300, 30),
          perSecond: 300,
        });
    return rows;
  },
  async return() {
    const rows = {};
    for (const kind of only(['plain', 'memory'])) rows[kind] = await measureReturn(kind, scaled(10_000, 20));
    return rows;
  },
  async mix() {
    const rows = {};
    const users = 6 * scaled(54, 1);
    for (const kind of only(['plain', 'memory'])) rows[kind] = await measureMix(kind, 1, users);
    for (const kind of STORES) rows[`${kind}, two nodes`] = await measureMix(kind, 2, users);
    return rows;
  },
};

const results = {};
for (const name of args.only.split(',')) {
  results[name] = await series[name]();
  if (args.json) continue;
  const rows = results[name];
  const what = Object.keys(Object.values(rows)[0]);
  console.log(`\n**${name}** (load average ${loadavg()[0].toFixed(1)})\n`);
  console.log(`| | ${Object.keys(rows).join(' | ')} |`);
  console.log(`|---|${'---|'.repeat(Object.keys(rows).length)}`);
  for (const each of what) {
    const cells = Object.values(rows).map((row) => row[each].toFixed(row[each] < 10 ? 1 : 0));
    console.log(`| ${each} | ${cells.join(' | ')} |`);
  }
}
if (args.json) console.log(JSON.stringify({ load: loadavg()[0], results }));
process.exit();
