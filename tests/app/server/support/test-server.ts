import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished, vi } from 'vitest';
import { type RunningServer, type ServerOptions, startServer } from '../../../../app/server/main.ts';

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

/** A real server on a free port with a data folder of its own, stopped when the test is over. */
export const startTestServer = async (
  options: Partial<ServerOptions> = {},
): Promise<RunningServer & { dataDir: string }> => {
  const dataDir = options.dataDir ?? (await temporaryFolder());
  const server = await startServer({ port: 0, demoData: false, ...options, dataDir });
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
    server = await startServer({ port: 0, demoData: false, ...options, dataDir: shared.dataDir });
    shared.url = server.url;
  });
  afterAll(async () => {
    await server.close();
    await removeFolder(shared.dataDir);
  });
  return shared;
};
