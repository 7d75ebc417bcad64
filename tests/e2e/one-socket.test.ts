import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { createGateway, memoryEngine } from 'statesocket/gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../app/server/main.ts';
import { launchBrowser } from './support/browser.ts';
import { servePage } from './support/page-server.ts';
import { Person } from './support/person.ts';

let browser: Browser;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  for (const cleanup of cleanups.reverse()) await cleanup();
});

const temporaryFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'statesocket-e2e-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** The page of ten components in one of React's builds, and a gateway that repeats what it is told to its sender. */
const startTenComponents = async (mode: 'development' | 'production'): Promise<string> => {
  const outDir = await temporaryFolder();
  // In a process of its own, since NODE_ENV chooses React's build. It resolves the built package by its name.
  await promisify(execFile)(
    'npx',
    ['vite', 'build', 'tests/e2e/hooks-page', '--mode', mode, '--outDir', outDir, '--emptyOutDir'],
    {
      env: { ...process.env, NODE_ENV: mode },
    },
  );
  const { server, url } = await servePage(outDir);
  const gateway = createGateway({
    server,
    engine: memoryEngine(),
    authenticate: async () => ({ userId: 'ada' }),
    allowedOrigins: [url],
    handle: (command, { reply }) => {
      if (command.kind === 'message') reply(command.message);
    },
  });
  cleanups.push(async () => {
    await gateway.close();
    server.close();
  });
  return url;
};

describe('a page has one socket', () => {
  it.each(['production', 'development'] as const)(
    'with ten components that use every hook, under StrictMode, in the %s build',
    async (mode) => {
      const url = await startTenComponents(mode);
      const ada = await Person.open(browser, 'Ada');
      await ada.page.goto(url);
      await ada.page.getByText('9: open, shared true, heard 0, retries 0').waitFor();
      await ada.page.getByRole('button', { name: 'say 3' }).click();
      for (let name = 0; name < 10; name += 1) {
        await ada.page.getByText(`${name}: open, shared true, heard 1, retries 0`).waitFor();
      }
      // StrictMode's second round of effects, and its microtasks, are long over.
      await ada.page.waitForTimeout(300);
      expect(ada.sockets.length).toBe(1);
      await ada.closes();
    },
  );

  it("in RednGift on React's development build, where StrictMode runs every effect twice", async () => {
    const webDir = 'app/dist/web-development';
    if (!existsSync(webDir)) throw new Error(`${webDir} is missing. Run "npm test", which builds first.`);
    const server = await startServer({ port: 0, dataDir: await temporaryFolder(), webDir });
    cleanups.push(() => server.close());
    const ada = await Person.open(browser, 'Ada');
    await ada.signsIn(server.url);
    await ada.opensChatWith('Ben');
    await ada.page.waitForTimeout(300);
    expect(ada.sockets.length).toBe(1);
    await ada.page.reload();
    await ada.sees('open');
    await ada.page.waitForTimeout(300);
    expect(ada.sockets.length).toBe(2);
    await ada.closes();
  });
});
