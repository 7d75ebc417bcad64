/** Nodes and the store behind them, started and taken down. */
import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makePostgresTemplate, startPostgres } from '../../../scripts/postgres.mjs';
import { startRedis } from '../../../scripts/redis.mjs';

/** So many µs is a tick of the kernel's accounts. */
const TICK_US = 10_000;

/** CPU of a process and of all that it has started, in µs. Linux only: 0 elsewhere. */
const cpuOfFamily = (pid) => {
  let ticks = 0;
  try {
    for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      if (Number(name) !== pid && Number(fields[1]) !== pid) continue;
      ticks += Number(fields[11]) + Number(fields[12]);
      if (Number(name) === pid) ticks += Number(fields[13]) + Number(fields[14]);
    }
  } catch {
    // A process ended while it was looked at: what it used is its parent's from now on.
  }
  return ticks * TICK_US;
};

/** A store that is durable as it comes: fsync of Postgres on, `appendfsync everysec` of Redis. */
export const startStore = async (kind) => {
  if (kind === 'postgres') {
    const template = makePostgresTemplate();
    const settings = { fsync: 'on', full_page_writes: 'on', shared_buffers: '128MB', autovacuum: 'on' };
    const server = await startPostgres({ template: template.folder, settings });
    const pid = Number(readFileSync(join(server.data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    const remove = async () => {
      await server.remove();
      template.remove();
    };
    return { place: server.url(), cpuUs: () => cpuOfFamily(pid), remove };
  }
  if (kind === 'redis') {
    const server = await startRedis({ settings: { appendonly: 'yes' } });
    const pid = Number(/process_id:(\d+)/.exec(server.cli('info', 'server'))[1]);
    return { place: server.url, cpuUs: () => cpuOfFamily(pid), remove: () => server.remove() };
  }
  const folder = mkdtempSync(join(tmpdir(), 'statesocket-nodes-'));
  return {
    place: join(folder, 'inbox.db'),
    cpuUs: () => 0,
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** A node in a process of its own. `port` 0: any. */
export const startNode = async (kind, place, port = 0) => {
  const child = fork(fileURLToPath(new URL('node.mjs', import.meta.url)), [kind, place, String(port)], {
    execArgv: ['--expose-gc'],
  });
  const answers = new Map();
  let nextId = 0;
  const started = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`A node has ended (${code}).`)));
  });
  child.on('message', ({ id, output }) => answers.get(id)?.(output));
  return {
    port: started.port,
    figures: (gc = false) =>
      new Promise((resolve) => {
        nextId += 1;
        answers.set(nextId, resolve);
        child.send({ id: nextId, name: 'figures', gc });
      }),
    async stop(signal = 'SIGKILL') {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await ended;
    },
  };
};

/** Runs with so many nodes over one store, and takes all of it down. */
export const withCluster = async (kind, nodeCount, run) => {
  const store = await startStore(kind);
  const nodes = [];
  try {
    for (let at = 0; at < nodeCount; at += 1) nodes.push(await startNode(kind, store.place));
    return await run({ nodes, store });
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
    await store.remove();
  }
};
