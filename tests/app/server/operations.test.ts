import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createReadiness } from '../../../app/server/operations/readiness.ts';
import { call, signIn } from './support/person.ts';
import { bundledCli, spawnServer } from './support/server-process.ts';
import { startTestServer, temporaryFolder } from './support/test-server.ts';
import { ticketOf } from './support/test-socket.ts';

const cli = bundledCli();
const OPS = { port: 0, host: '127.0.0.1' };

const asOtherHost = (url: string, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });

describe('the port for operators', () => {
  it('is not there where none is named, and nothing of it is on the users’ port', async () => {
    const { url, opsUrl } = await startTestServer();
    expect(opsUrl).toBeNull();
    for (const path of ['/metrics', '/healthz', '/readyz'])
      expect((await call(url, 'GET', path)).status, path).toBe(404);
  });

  it('says that the process lives, that it is ready, and what it does', async () => {
    const { opsUrl } = await startTestServer({ ops: OPS });
    expect(await (await fetch(`${opsUrl}/healthz`)).text()).toBe('alive\n');
    const ready = await fetch(`${opsUrl}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { isReady: true, reasons: [] }]);
    const metrics = await (await fetch(`${opsUrl}/metrics`)).text();
    for (const name of [
      'statesocket_connections 0',
      'statesocket_dial_accepted_total 0',
      'nodejs_eventloop_lag_p99_seconds ',
      'process_resident_memory_bytes ',
      'process_open_fds ',
    ])
      expect(metrics).toContain(`\n${name}`);
    expect((await fetch(`${opsUrl}/`)).status).toBe(404);
    expect((await fetch(`${opsUrl}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  it('tells nothing to a page that has its own name point here', async () => {
    const { opsUrl } = await startTestServer({ ops: OPS });
    expect(await asOtherHost(`${opsUrl}/metrics`, 'evil.example')).toBe(421);
    expect(await asOtherHost(`${opsUrl}/metrics`, 'localhost:9464')).toBe(200);
  });

  it('says which part does not answer', async () => {
    const down = () => Promise.reject(new Error('down'));
    const readiness = createReadiness({ database: async () => 1, engine: down });
    expect(await readiness.ask()).toEqual({ isReady: false, reasons: ['engine'] });
    readiness.drain();
    expect(await readiness.ask()).toEqual({ isReady: false, reasons: ['draining', 'engine'] });
  });

  it('asks each part once for many probes, and gives up on one that hangs', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const hangs = vi.fn(() => new Promise(() => {}));
    const readiness = createReadiness({ engine: hangs });
    const asked = [readiness.ask(), readiness.ask(), readiness.ask()];
    await vi.advanceTimersByTimeAsync(1_000);
    for (const verdict of await Promise.all(asked)) expect(verdict.reasons).toEqual(['engine']);
    expect(hangs).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(500);
    void readiness.ask();
    expect(hangs).toHaveBeenCalledTimes(2);
  });
});

/** A server with demo people that takes its time to stop, and four sockets of Ada's. */
const startDraining = async (env: Record<string, string>) => {
  const server = spawnServer(cli.file, {
    PORT: '0',
    OPS_PORT: '0',
    DATA_DIR: await temporaryFolder(),
    LOG_LEVEL: 'info',
    ...env,
  });
  const url = await server.url;
  const ops = await vi.waitFor(() => {
    const found = /For operators: (\S+)\/healthz/.exec(server.output.stdout)?.[1];
    expect(found).toBeDefined();
    return found;
  });
  const ada = await signIn(url, 'ada@demo.test', 'demo-secret');
  const sockets = [await ada.connect(), await ada.connect(), await ada.connect(), await ada.connect()];
  return { server, url, ops, ada, sockets };
};

describe('SIGTERM', () => {
  it('makes it not ready first, refuses sockets, serves requests, and closes sockets one after the other', async () => {
    const { server, url, ops, ada, sockets } = await startDraining({
      DRAIN_DIALS_PER_SECOND: '1',
      DRAIN_MS: '20000',
      DRAIN_LEAD_MS: '300',
    });
    const ticket = await ticketOf(url, ada.token);
    const closedAt: number[] = [];
    for (const { closed } of sockets) void closed.then(() => closedAt.push(performance.now()));
    server.child.kill('SIGTERM');
    await vi.waitFor(async () => expect((await fetch(`${ops}/readyz`)).status).toBe(503), { timeout: 5_000 });
    expect(await (await fetch(`${ops}/readyz`)).json()).toMatchObject({ reasons: ['draining'] });
    expect((await fetch(`${ops}/healthz`)).status).toBe(200);
    await vi.waitFor(() => expect(closedAt).toHaveLength(1), { timeout: 5_000 });
    const late = new WebSocket(`${url.replace('http', 'ws')}/connect/${ticket}/`);
    const status = await new Promise((resolve) => {
      late.on('error', () => {}); // `unexpected-response` tells
      late.on('unexpected-response', (_request, response) => resolve(response.statusCode));
    });
    expect(status).toBe(503);
    expect((await ada.call('GET', '/api/session')).status).toBe(200);
    expect(closedAt.length).toBeLessThan(4);
    for (const { closed } of sockets) expect((await closed).code).toBe(1012);
    expect(await server.exit).toBe(0);
    const [first = 0, , , last = 0] = closedAt;
    expect(last - first).toBeGreaterThan(2_000);
    expect(server.output.stderr).toContain('"msg":"Draining."');
  });

  it('a second time ends it at once', async () => {
    const { server, sockets } = await startDraining({ DRAIN_DIALS_PER_SECOND: '1', DRAIN_MS: '60000' });
    server.child.kill('SIGTERM');
    await sockets[0]?.closed;
    await delay(350);
    server.child.kill('SIGTERM');
    expect(await server.exit).toBe(130);
  });

  it.each([
    [{ OPS_PORT: 'x' }, /^OPS_PORT must be a whole number from 0 to 65535, and not "x"\.\n$/],
    [{ OPS_PORT: '0', OPS_HOST: '192.0.2.1' }, /^OPS_HOST must be an address of this computer/],
    [{ DRAIN_DIALS_PER_SECOND: '0' }, /^DRAIN_DIALS_PER_SECOND must be a whole number from 1/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of silent, .* and not "loud"\.\n$/],
  ])('is never needed with %j: it does not start', async (env, line) => {
    const server = spawnServer(cli.file, { PORT: '0', DATA_DIR: await temporaryFolder(), ...env });
    expect(await server.exit).toBe(1);
    expect(server.output.stderr).toMatch(line);
  });
});
