/** What an outage is like in each engine. See README.md. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { calls, type Engine, type EngineName } from '../../tests/e2e/support/engines/engine.ts';
import { launchEngine } from '../../tests/e2e/support/engines/launch-engine.ts';
import { servePage } from '../../tests/e2e/support/page-server.ts';
import type { Course, Variant } from './page/main.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One connection of the page: how it is set up, and whether a person presses "Reconnect now" when its server is back. */
const TRIES: readonly { readonly variant: Variant; readonly isHelped: boolean; readonly words: string }[] = [
  { variant: 'default', isHelped: false, words: 'default options, by itself' },
  { variant: 'default', isHelped: true, words: 'default options, a person retries' },
  { variant: 'linear', isHelped: true, words: '`linearBackoff()`, a person retries' },
  { variant: 'another path', isHelped: true, words: 'another path for each attempt, a person retries' },
  { variant: 'looks first', isHelped: true, words: 'looks over HTTP first, a person retries' },
];
/** How long a connection may take to be back. */
const LIMIT_MS = 90_000;

/** A server at an address of its own, since Firefox serialises the dials to one; it goes and comes back on its port. */
const startServer = async (address: string) => {
  let server: Server | null = null;
  let port = 0;
  const sockets = new Set<Socket>();
  const comes = async (): Promise<void> => {
    const next = createServer((_request, response) => {
      response.setHeader('Access-Control-Allow-Origin', '*');
      response.end('up');
    });
    new WebSocketServer({ server: next });
    next.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => next.listen(port, address, resolve));
    port = (next.address() as AddressInfo).port;
    server = next;
  };
  await comes();
  return {
    get host() {
      return `${address}:${port}`;
    },
    comes,
    async goes(): Promise<void> {
      const last = server;
      if (last === null) return;
      server = null;
      const closed = new Promise((resolve) => last.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};

/** The courses of all tries in one engine. */
export const measure = async (name: EngineName, webDir: string, outageMs: number, firstAddress: number) => {
  const page = await servePage(webDir);
  let engine: Engine | null = null;
  const servers = await Promise.all(TRIES.map((_, index) => startServer(`127.0.0.${firstAddress + index}`)));
  try {
    engine = await launchEngine(name);
    const { evaluates } = engine.page;
    const courses = () => evaluates<readonly Course[]>(calls('courses'));
    await engine.page.goes(page.url);
    for (const [index, { variant }] of TRIES.entries())
      await evaluates(calls('begins', variant, servers[index]?.host));
    // Stable, all of them.
    await pause(7_000);
    await Promise.all(servers.map(({ goes }) => goes()));
    await pause(outageMs);
    await Promise.all(servers.map(({ comes }) => comes()));
    const backAt = Date.now();
    for (const [index, { isHelped }] of TRIES.entries())
      if (isHelped) await evaluates(calls('presses', index));
    let seen = await courses();
    while (seen.some(({ status }) => status !== 'open') && Date.now() - backAt < LIMIT_MS) {
      await pause(200);
      seen = await courses();
    }
    return TRIES.map(({ words }, index) => {
      const { status, cutCount, dialCount, openAt } = seen[index] as Course;
      const openAfterMs = status === 'open' ? Math.max(0, openAt - backAt) : null;
      return { engine: name, words, dialCount, cutCount, openAfterMs };
    });
  } finally {
    await engine?.closes();
    await Promise.all(servers.map(({ goes }) => goes()));
    page.server.closeAllConnections();
    page.server.close();
  }
};
