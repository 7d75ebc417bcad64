/** RednGift as a cluster on this machine: Postgres, as a choice Redis, servers of RednGift, and nginx before them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { needNginx } from './foreign-servers.mjs';
import { makePostgresTemplate, startPostgres } from './postgres.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const CLI = resolve(root, 'app/dist/server/cli.js');
const START_DEADLINE_MS = 60_000;
/** A server that was asked to stop, and how long it may take beside its drain. */
const STOP_MS = 8_000;

const listenOnce = async (port) => {
  const probe = createServer().listen(port, '127.0.0.1');
  await once(probe, 'listening');
  await new Promise((done) => probe.close(done));
  return port;
};

/** A free port below those that the system gives to whoever dials: a server that is down at times finds it free again. */
const lastingPort = async () => {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      return await listenOnce(10_000 + Math.floor(Math.random() * 20_000));
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error('No port from 10,000 to 30,000 is free.');
};

const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A process, and what it has printed. */
const run = (program, args, options = {}) => {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  running.add(child);
  let said = '';
  const note = (text) => {
    said = (said + text).slice(-50_000);
  };
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  const ended = new Promise((done) => child.once('close', (code, signal) => done(code ?? signal)));
  void ended.then(() => running.delete(child));
  return { child, ended, said: () => said };
};

/** @param {() => boolean | Promise<boolean>} isTrue Asked every 30 ms. */
const waitUntil = async ({ ended, said }, what, isTrue) => {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for (
    const startedAt = performance.now();
    !(await isTrue());
    await new Promise((done) => setTimeout(done, 30))
  )
    if (isOver || performance.now() - startedAt > START_DEADLINE_MS)
      throw new Error(`${what} did not start: ${said().trim() || 'it said nothing'}`);
};

/** One server of RednGift, on ports that it keeps when it is started again. */
const createNode = async (name, env) => {
  const [port, opsPort] = [await lastingPort(), await lastingPort()];
  let process_ = null;
  let past = '';
  const node = {
    name,
    port,
    url: `http://localhost:${port}`,
    opsUrl: `http://127.0.0.1:${opsPort}`,
    get pid() {
      return process_?.child.pid ?? null;
    },
    output: () => past + (process_?.said() ?? ''),
    async start() {
      process_ = run(process.execPath, [CLI], {
        env: { ...process.env, HOST: '', ...env, PORT: String(port), OPS_PORT: String(opsPort) },
      });
      await waitUntil(process_, `RednGift's server ${name}`, () =>
        /RednGift is running/.test(process_.said()),
      );
    },
    signal(signal) {
      process_?.child.kill(signal);
    },
    /** @returns The exit code, or the signal that ended it; null: it did not run. */
    async stop(signal = 'SIGTERM') {
      if (process_ === null) return null;
      const { child, ended, said } = process_;
      child.kill(signal);
      const code = await ended;
      past = said();
      process_ = null;
      return code;
    },
    metrics: async () => (await fetch(`${node.opsUrl}/metrics`)).text(),
    isReady: () =>
      fetch(`${node.opsUrl}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
  };
  return node;
};

/** The configuration that docs/operations.md shows, for these servers. */
const nginxConfiguration = (port, nodes) => {
  const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  const shown = /```nginx\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const line = /^.*server 10\.0\.0\.11:3000(.*)$/m.exec(shown)?.[1] ?? ';';
  const servers = nodes.map((node) => `  server 127.0.0.1:${node.port}${line}\n`).join('');
  const http = shown
    .replace(/(?: *server 10\.0\.0\.\d+:3000.*\n)+/, servers)
    .replace('listen 8080', `listen 127.0.0.1:${port}`);
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${name};`,
  );
  return `daemon off;\npid nginx.pid;\nevents { worker_connections 4096; }\nhttp {\naccess_log off;\n${places.join('\n')}\n${http}}\n`;
};

const startNginx = async (port, nodes) => {
  const folder = mkdtempSync(join(tmpdir(), 'redngift-nginx-'));
  // Started by root, its workers are somebody else.
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'nginx.conf'), nginxConfiguration(port, nodes));
  const server = run(needNginx(), ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')]);
  const remove = async () => {
    server.child.kill('SIGTERM');
    await server.ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await waitUntil(server, 'nginx', () =>
      fetch(`http://127.0.0.1:${port}/`).then(
        () => true,
        () => false,
      ),
    );
  } catch (error) {
    await remove();
    throw error;
  }
  return { remove };
};

/** Ends one after the other what was begun, the last first, also where one of them fails. */
const createUndoing = () => {
  const steps = [];
  return {
    add: (step) => void steps.push(step),
    async run() {
      for (const step of steps.splice(0).reverse())
        await step().catch((error) => console.error('Something was not taken down cleanly:', error.message));
    },
  };
};

const startStores = async ({ postgresTemplate, startRedis, undoing, say }) => {
  const template = postgresTemplate ?? makePostgresTemplate();
  if (postgresTemplate === undefined) undoing.add(async () => template.remove());
  const folder = typeof template === 'string' ? template : template.folder;
  const postgres = await startPostgres({ template: folder, settings: { autovacuum: 'on' } });
  undoing.add(() => postgres.remove());
  say(`Postgres listens on port ${postgres.port}.`);
  if (startRedis === undefined) return { postgres, redis: null };
  const redis = await startRedis();
  undoing.add(() => redis.remove());
  say(`Redis listens on port ${redis.port}.`);
  return { postgres, redis };
};

/**
 * Starts the cluster. What was begun is taken down again where it fails.
 *
 * @param {object} [options]
 * @param {number} [options.nodeCount] How many servers of RednGift. Default 3.
 * @param {number} [options.port] Where nginx listens. Default any free port.
 * @param {boolean} [options.isBehindNginx] Default true.
 * @param {() => Promise<object>} [options.startRedis] Starts a Redis, which the logs are kept in. Default: they are in Postgres.
 * @param {string} [options.postgresTemplate] The folder of a template of Postgres. Default: one is made.
 * @param {Record<string, string>} [options.env] More environment variables of the servers.
 * @param {(line: string) => void} [options.say] Hears what is done.
 */
export const startCluster = async (options = {}) => {
  const { nodeCount = 3, port, isBehindNginx = true, startRedis, postgresTemplate, env = {} } = options;
  const { say = () => {} } = options;
  if (!existsSync(CLI)) throw new Error(`${CLI} is missing. Run "npm run build && npm run build:app".`);
  const undoing = createUndoing();
  try {
    const { postgres, redis } = await startStores({ postgresTemplate, startRedis, undoing, say });
    const settings = {
      DATABASE_URL: postgres.url(),
      REDIS_URL: redis?.url ?? '',
      TRUST_PROXY: isBehindNginx ? '1' : '',
      ...env,
    };
    const nodes = [];
    for (let count = 1; count <= nodeCount; count += 1) nodes.push(await createNode(`${count}`, settings));
    undoing.add(async () => {
      const late = setTimeout(() => {
        for (const node of nodes) node.signal('SIGKILL');
      }, STOP_MS);
      await Promise.all(nodes.map((node) => node.stop()));
      clearTimeout(late);
    });
    // All at once, so that they meet in the migrations.
    await Promise.all(nodes.map((node) => node.start()));
    for (const { name, port: at } of nodes) say(`RednGift's server ${name} listens on port ${at}.`);
    let url = nodes[0].url;
    if (isBehindNginx) {
      const outer = port ?? (await lastingPort());
      const nginx = await startNginx(outer, nodes);
      undoing.add(() => nginx.remove());
      url = `http://localhost:${outer}`;
    }
    return { url, postgres, redis, nodes, close: () => undoing.run() };
  } catch (error) {
    await undoing.run();
    throw error;
  }
};
