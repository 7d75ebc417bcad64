/** A Postgres of its own on a private port, and a PgBouncer in front of one: for tests and benchmarks. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireProgram } from './programs.mjs';

const DEBIAN = '/usr/lib/postgresql';
const HOMES = ['/usr/local/bin', '/opt/homebrew/bin', '/usr/local/pgsql/bin'];
const OLDEST_VERSION = 14;
const START_DEADLINE_MS = 60_000;

const findPostgres = () => {
  if (process.env.POSTGRES_BIN)
    return existsSync(join(process.env.POSTGRES_BIN, 'initdb')) ? process.env.POSTGRES_BIN : null;
  const versions = existsSync(DEBIAN)
    ? readdirSync(DEBIAN)
        .map(Number)
        .filter((one) => one >= OLDEST_VERSION)
    : [];
  const places = versions.sort((a, b) => b - a).map((version) => join(DEBIAN, String(version), 'bin'));
  return [...places, ...HOMES].find((place) => existsSync(join(place, 'initdb'))) ?? null;
};

const findPgBouncer = () => {
  const named = process.env.PGBOUNCER_PATH;
  const places = named
    ? [named]
    : ['/usr/sbin/pgbouncer', '/usr/local/bin/pgbouncer', '/opt/homebrew/bin/pgbouncer'];
  return places.find((place) => existsSync(place)) ?? null;
};

/** The folder of the programs of Postgres. Throws one clear line where there is none. */
export const needPostgres = (provide = requireProgram) =>
  provide({
    packageName: 'postgresql',
    find: findPostgres,
    isNamed: Boolean(process.env.POSTGRES_BIN),
    purpose: 'The tests of the postgres engine',
    remedy:
      'Postgres 14 or newer: install it (Debian: apt-get install postgresql), or set POSTGRES_BIN to the folder of initdb.',
  });

/** The path of a PgBouncer. Throws one clear line where there is none. */
export const needPgBouncer = (provide = requireProgram) =>
  provide({
    packageName: 'pgbouncer',
    find: findPgBouncer,
    isNamed: Boolean(process.env.PGBOUNCER_PATH),
    purpose: 'The tests of the postgres engine behind a pooler',
    remedy: 'PgBouncer: install it (Debian: apt-get install pgbouncer), or set PGBOUNCER_PATH to one.',
  });

/** Postgres refuses to run as root: then it runs as the user that Debian's package has made, or as nobody. */
const findOwner = () => {
  if (process.getuid?.() !== 0) return null;
  const line = readFileSync('/etc/passwd', 'utf8').match(/^(postgres|nobody):[^:]*:(\d+):(\d+):/m);
  if (line === null) throw new Error('There is no user postgres and no user nobody to run Postgres as.');
  return { uid: Number(line[2]), gid: Number(line[3]) };
};

/** A folder that goes with the process that made it. Postgres takes no other rights. */
const makeFolder = (name) => {
  const folder = mkdtempSync(join(tmpdir(), `statesocket-${name}-`));
  const owner = findOwner();
  if (owner !== null) chownSync(folder, owner.uid, owner.gid);
  chmodSync(folder, 0o700);
  return folder;
};

export const findFreePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
};

/** The files of an empty server, which others may be copied from. */
export const makePostgresTemplate = () => {
  const folder = makeFolder('postgres-template');
  const options = [
    '-D',
    folder,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ];
  execFileSync(join(needPostgres(), 'initdb'), options, {
    ...findOwner(),
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
};

const copyFolder = (from, to) => {
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
  const owner = findOwner();
  if (owner !== null) execFileSync('chown', ['-R', `${owner.uid}:${owner.gid}`, to]);
};

const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGQUIT');
});

const run = (program, args, folder) => {
  const child = spawn(program, args, { ...findOwner(), cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let said = '';
  const note = (data) => {
    said = (said + data).slice(-20_000);
  };
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  const ended = new Promise((resolve) => child.once('exit', resolve)).then(() => running.delete(child));
  return { child, ended, said: () => said };
};

const waitUntil = async (server, isReady) => {
  let isOver = false;
  void server.ended.then(() => {
    isOver = true;
  });
  for (const startedAt = performance.now(); !(await isReady()); await sleep(30))
    if (isOver || performance.now() - startedAt > START_DEADLINE_MS)
      throw new Error(`It did not start: ${server.said()}`);
};

/** Runs the server whose files are in `data`, below `folder`. */
const serve = async (folder, data, settings) => {
  const port = await findFreePort();
  const all = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    full_page_writes: 'off',
    max_connections: 200,
    shared_buffers: '32MB',
    autovacuum: 'off',
    ...settings,
  };
  const args = ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const bin = needPostgres();
  let server = null;
  const start = async () => {
    server = run(join(bin, 'postgres'), args, folder);
    await waitUntil(server, () => /ready to accept (read-only )?connections/.test(server.said()));
  };
  /** @param {NodeJS.Signals} signal SIGINT ends it at once and cleanly, SIGQUIT as a crash, SIGTERM when all have gone. */
  const stop = async (signal = 'SIGINT') => {
    server?.child.kill(signal);
    await server?.ended;
    server = null;
  };
  await start();
  return {
    port,
    data,
    url: (database = 'postgres') => `postgres://postgres@127.0.0.1:${port}/${database}`,
    start,
    stop,
    /** Stands still, until it goes on: SIGSTOP and SIGCONT to it and to all its processes. */
    signalAll(signal) {
      const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(server.child.pid)], {
        encoding: 'utf8',
      });
      for (const pid of [server.child.pid, ...children.trim().split(/\s+/).map(Number)])
        process.kill(pid, signal);
    },
    /** Puts the files aside; `restore` puts them back in the place of those that are there. The server must not run. */
    saveFiles() {
      const saved = join(folder, 'saved');
      copyFolder(data, saved);
      return () => {
        rmSync(data, { recursive: true });
        copyFolder(saved, data);
        chmodSync(data, 0o700);
      };
    },
    async remove() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/**
 * Starts a server on a port of its own, on a copy of the template. Nothing is synced to the disk unless `settings` say so.
 *
 * @param {object} options
 * @param {string} options.template The folder of a template.
 * @param {Record<string, string | number>} [options.settings] Settings of postgresql.conf.
 */
export const startPostgres = async ({ template, settings = {} }) => {
  const folder = makeFolder('postgres');
  const data = join(folder, 'data');
  copyFolder(template, data);
  chmodSync(data, 0o700);
  return serve(folder, data, settings);
};

/**
 * Starts a streaming replica of a server, which takes what is new from `fromPort`: a proxy in front of it, so that the replica falls behind.
 * `SELECT pg_promote()` makes it a primary.
 */
export const startPostgresReplica = async ({ port, fromPort = port, settings = {} }) => {
  const folder = makeFolder('postgres-replica');
  const data = join(folder, 'data');
  const address = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres'];
  const copies = spawn(
    join(needPostgres(), 'pg_basebackup'),
    ['-D', data, ...address, '-X', 'stream', '--checkpoint=fast', '--no-sync'],
    { ...findOwner(), cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const [code] = await once(copies, 'exit');
  if (code !== 0) throw new Error(`pg_basebackup has ended with ${code}.`);
  writeFileSync(join(data, 'standby.signal'), '');
  return serve(folder, data, {
    ...settings,
    primary_conninfo: `host=127.0.0.1 port=${fromPort} user=postgres`,
    wal_retrieve_retry_interval: '200ms',
  });
};

/** Starts a PgBouncer in transaction mode in front of a server. */
export const startPgBouncer = async ({ port: serverPort }) => {
  const folder = makeFolder('pgbouncer');
  const port = await findFreePort();
  const config = join(folder, 'pgbouncer.ini');
  writeFileSync(
    config,
    [
      '[databases]',
      `* = host=127.0.0.1 port=${serverPort} user=postgres`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      'pool_mode = transaction',
      'default_pool_size = 4',
      'max_client_conn = 100',
      'ignore_startup_parameters = extra_float_digits',
    ].join('\n'),
  );
  const owner = findOwner();
  if (owner !== null) chownSync(config, owner.uid, owner.gid);
  const bouncer = run(needPgBouncer(), [config], folder);
  await waitUntil(bouncer, () => /process up/.test(bouncer.said()));
  return {
    url: (database = 'postgres') => `postgres://postgres@127.0.0.1:${port}/${database}`,
    async remove() {
      bouncer.child.kill('SIGKILL');
      await bouncer.ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
