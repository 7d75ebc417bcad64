/** A Redis of its own on a private port, with replicas or as a cluster: for tests and benchmarks. */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from './postgres.mjs';
import { requireProgram } from './programs.mjs';

const HOMES = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
const NAMES = ['redis-server', 'valkey-server'];
const START_DEADLINE_MS = 60_000;

const findRedis = () => {
  const named = process.env.REDIS_SERVER_PATH;
  const places = named ? [named] : NAMES.flatMap((name) => HOMES.map((home) => join(home, name)));
  return places.find((place) => existsSync(place)) ?? null;
};

/** The path of a Redis or a Valkey. Throws one clear line where there is none. */
export const needRedis = (provide = requireProgram) =>
  provide({
    packageName: 'redis-server',
    find: findRedis,
    isNamed: Boolean(process.env.REDIS_SERVER_PATH),
    purpose: 'The tests of the redis engine',
    remedy:
      'Redis 7 or newer: install it (Debian: apt-get install redis-server), or set REDIS_SERVER_PATH to one, or to a Valkey.',
  });

const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Runs commands by redis-cli. The text that it prints. */
export const redisCli = (port, ...args) =>
  execFileSync(needRedis().replace(/server$/, 'cli'), ['-p', String(port), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();

/** A port whose number plus 10,000 is a port, too: that is where the servers of a cluster speak to each other. */
const findClusterPort = async () => {
  for (;;) {
    const port = await findFreePort();
    if (port < 50_000) return port;
  }
};

/**
 * Starts a server on a port of its own. It keeps nothing on the disk unless `settings` say so.
 *
 * @param {object} [options]
 * @param {Record<string, string | number>} [options.settings] Settings of redis.conf.
 */
export const startRedis = async ({ settings = {} } = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'statesocket-redis-'));
  const port = settings.port ?? (await findClusterPort());
  const all = {
    port,
    bind: '127.0.0.1',
    save: '',
    appendonly: 'no',
    dir: folder,
    'repl-diskless-sync-delay': 0,
    'repl-ping-replica-period': 1,
    ...settings,
  };
  const argsOf = (given) => Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const password = settings.requirepass ? ['--no-auth-warning', '-a', settings.requirepass] : [];
  const cli = (...command) => redisCli(port, ...password, ...command);
  let server = null;
  const start = async (more = {}, isUp = /Ready to accept connections/) => {
    const child = spawn(needRedis(), argsOf({ ...all, ...more }), {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        said = (said + data).slice(-20_000);
      });
    running.add(child);
    const ended = new Promise((resolve) => child.once('exit', resolve)).then(() => running.delete(child));
    server = { child, ended };
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    for (const startedAt = performance.now(); !isUp.test(said); await sleep(20))
      if (isOver || performance.now() - startedAt > START_DEADLINE_MS)
        throw new Error(`It did not start: ${said}`);
  };
  /** @param {NodeJS.Signals} signal SIGTERM ends it in order, SIGKILL as a crash. */
  const stop = async (signal = 'SIGKILL') => {
    server?.child.kill('SIGCONT');
    server?.child.kill(signal);
    await server?.ended;
    server = null;
  };
  await start();
  return {
    port,
    folder,
    url: `redis://127.0.0.1:${port}`,
    cli,
    start,
    stop,
    /** Puts the files aside; `restore` puts them back in the place of those that are there. The server must not run. */
    saveFiles() {
      const saved = mkdtempSync(join(tmpdir(), 'statesocket-redis-saved-'));
      cpSync(folder, saved, { recursive: true });
      return () => {
        rmSync(folder, { recursive: true });
        cpSync(saved, folder, { recursive: true });
        rmSync(saved, { recursive: true });
      };
    },
    /** Stands still, until it goes on: SIGSTOP and SIGCONT. */
    signal: (signal) => server?.child.kill(signal),
    async remove() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** A replica of a server, once it has caught up. */
export const startReplica = async (primary, { settings = {} } = {}) => {
  const replica = await startRedis({ settings: { ...settings, replicaof: `127.0.0.1 ${primary.port}` } });
  for (
    const startedAt = performance.now();
    !/master_link_status:up/.test(replica.cli('info', 'replication'));
  ) {
    if (performance.now() - startedAt > START_DEADLINE_MS) throw new Error('The replica does not catch up.');
    await sleep(30);
  }
  return replica;
};

/**
 * Starts a cluster of three primaries.
 *
 * @param {object} [options]
 * @param {number} [options.replicasCount] How many replicas each of them has.
 */
export const startRedisCluster = async ({ replicasCount = 0, settings = {} } = {}) => {
  const servers = await Promise.all(
    Array.from({ length: 3 * (1 + replicasCount) }, () =>
      startRedis({
        settings: {
          'cluster-enabled': 'yes',
          'cluster-node-timeout': 2_000,
          'cluster-config-file': 'nodes.conf',
          ...settings,
        },
      }),
    ),
  );
  const addresses = servers.map(({ port }) => `127.0.0.1:${port}`);
  const [first] = servers;
  first.cli(
    '--cluster',
    'create',
    ...addresses,
    '--cluster-replicas',
    String(replicasCount),
    '--cluster-yes',
  );
  const isReady = (server) =>
    /cluster_state:ok/.test(server.cli('cluster', 'info')) &&
    server.cli('cluster', 'nodes').split('\n').length === servers.length;
  for (const startedAt = performance.now(); !servers.every(isReady); await sleep(50))
    if (performance.now() - startedAt > START_DEADLINE_MS) throw new Error('The cluster does not form.');
  return {
    servers,
    rootNodes: servers.map(({ url }) => ({ url })),
    async remove() {
      await Promise.all(servers.map((server) => server.remove()));
    },
  };
};
