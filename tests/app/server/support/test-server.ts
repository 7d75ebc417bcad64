import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, inject, onTestFinished, vi } from 'vitest';
import { type Database, openDatabase } from '../../../../app/server/database/open-database.ts';
import { openPostgres } from '../../../../app/server/database/open-postgres.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../../../app/server/main.ts';
import { makeDatabase } from '../../../stores/support/databases.ts';

/** Real servers, real password hashing: on a busy machine that takes its time. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const makeFolder = () => mkdtemp(join(tmpdir(), 'redngift-'));
const removeFolder = (folder: string) => rm(folder, { recursive: true, force: true });

/** A folder that is gone when the test is over. */
export const temporaryFolder = async (): Promise<string> => {
  const folder = await makeFolder();
  onTestFinished(() => removeFolder(folder));
  return folder;
};

/** In the project of stores a Postgres runs, and the same stories are told on it. */
/** The database that stands for a folder. */
const databases = new Map<string, string>();
const storageAt = async (dataDir: string): Promise<Pick<ServerOptions, 'dataDir' | 'databaseUrl'>> => {
  if (inject('hasPostgres') === undefined) return { dataDir };
  const databaseUrl = databases.get(dataDir) ?? (await makeDatabase());
  databases.set(dataDir, databaseUrl);
  return { dataDir, databaseUrl };
};

/** The rows of a server that keeps its data there. */
export const rowsAt = async (dataDir: string): Promise<Database> => {
  const { databaseUrl } = await storageAt(dataDir);
  return databaseUrl ? openPostgres(databaseUrl) : openDatabase(join(dataDir, 'redngift.sqlite'));
};

/** A real server on a free port with a data folder of its own, stopped when the test is over. */
export const startTestServer = async (
  options: Partial<ServerOptions> = {},
): Promise<RunningServer & { dataDir: string }> => {
  const dataDir = options.dataDir ?? (await temporaryFolder());
  const server = await startServer({ port: 0, demoData: false, ...options, ...(await storageAt(dataDir)) });
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= server.close();
    return closing;
  };
  onTestFinished(close);
  return { ...server, close, dataDir };
};

/** One real server for all tests of a file, which keep apart by signing up people of their own. */
export const sharedServer = (
  options: Partial<ServerOptions> = {},
): { readonly url: string; readonly dataDir: string } => {
  const shared = { url: '', dataDir: '' };
  let server: RunningServer;
  beforeAll(async () => {
    shared.dataDir = await makeFolder();
    const storage = await storageAt(shared.dataDir);
    server = await startServer({ port: 0, demoData: false, ...options, ...storage });
    shared.url = server.url;
  });
  afterAll(async () => {
    await server.close();
    await removeFolder(shared.dataDir);
  });
  return shared;
};
