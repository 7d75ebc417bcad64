import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'libsql';

const CLI = 'app/dist/server/cli.js';

const freePort = async (): Promise<number> => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
};

/** RednGift as `npm start` runs it: the built server in a process of its own, which a test can kill and restart. */
export const createRednGiftProcess = async () => {
  if (!existsSync(CLI)) throw new Error(`${CLI} is missing. Run "npm test", which builds first.`);
  const port = await freePort();
  const dataDir = await mkdtemp(join(tmpdir(), 'redngift-'));
  let child: ChildProcess | null = null;
  let output = '';

  const exited = (process: ChildProcess): Promise<void> =>
    process.exitCode !== null || process.signalCode !== null
      ? Promise.resolve()
      : new Promise((resolve) => process.once('exit', () => resolve()));

  const server = {
    url: `http://localhost:${port}`,
    /** What it has printed since it was made. */
    get output() {
      return output;
    },
    get exitCode() {
      return child?.exitCode ?? null;
    },
    async start(): Promise<void> {
      const started = spawn(process.execPath, [CLI], {
        env: { ...process.env, PORT: String(port), DATA_DIR: dataDir },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      await new Promise<void>((resolve, reject) => {
        const read = (text: Buffer) => {
          output += text;
          if (String(text).includes('RednGift is running')) resolve();
        };
        started.stdout.on('data', read);
        started.stderr.on('data', read);
        started.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
      });
    },
    /** As a crash: no close frame, no goodbye. */
    async kill(): Promise<void> {
      if (child === null) return;
      child.kill('SIGKILL');
      await exited(child);
    },
    /** As Ctrl-C. */
    async stop(): Promise<void> {
      if (child === null) return;
      child.kill('SIGINT');
      await exited(child);
    },
    /** As weeks do: no message is in the logs any more. Their last positions stay, and so does the history of the app. */
    forgetsLogs(): void {
      const database = new Sqlite(join(dataDir, 'inboxes.sqlite'));
      database.pragma('busy_timeout = 5000');
      database.exec('delete from statesocket_entry');
      database.close();
    },
    async dispose(): Promise<void> {
      await server.kill();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return server;
};

export type RednGiftProcess = Awaited<ReturnType<typeof createRednGiftProcess>>;
