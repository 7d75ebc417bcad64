import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HandleCommand } from '../../src/gateway/index.ts';
import { type Engine, memoryEngine, sqliteEngine } from '../../src/gateway/index.ts';
import { type Client, type Harness, startGateway } from '../gateway/support/gateway-harness.ts';
import { command } from '../gateway/support/hub-harness.ts';
import { type LoopWatch, watchLoop } from './support/loop-watch.ts';

const APPEND_MS = 6;
const WINDOW_COUNT = 32;
const GROUP = ['bert', 'cleo', 'dora', 'emil', 'fred'];
const ALL_APPENDS_COUNT = 10 * WINDOW_COUNT * GROUP.length;

/** Tells five people. */
const tellGroup: HandleCommand = (given, { publish }) => {
  if (given.kind === 'message') publish(GROUP, { ...given.message, type: 'NEW_MESSAGE' });
};

const usersOf = (count: number, name: string) => Array.from({ length: count }, (_, i) => `${name}${i}`);
const windowOf = (clientId: string) =>
  Array.from({ length: WINDOW_COUNT }, (_, i) => command(clientId, i + 1));
/** Waits longer than a busy machine takes. */
const soon = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 25_000, interval: 5 });

/** An engine on a slow disk that is synchronous behind `async`: each append holds the loop. */
const slowEngine = (): Engine => {
  const engine = memoryEngine();
  return {
    ...engine,
    async append(...args) {
      const until = performance.now() + APPEND_MS;
      while (performance.now() < until);
      return engine.append(...args);
    },
  };
};
const fileEngine = (): Engine => {
  const folder = mkdtempSync(join(tmpdir(), 'statesocket-fairness-'));
  const engine = sqliteEngine({ file: join(folder, 'inbox.db') });
  onTestFinished(async () => {
    await engine.close();
    rmSync(folder, { recursive: true });
  });
  return engine;
};

/** Notes each append that begins. */
const counted = (engine: Engine, watch: LoopWatch) => {
  const work = { appendCount: 0 };
  const { appendMany } = engine;
  const counting: Engine = {
    ...engine,
    append(...args) {
      work.appendCount += 1;
      watch.done();
      return engine.append(...args);
    },
    ...(appendMany !== undefined && {
      appendMany(appends) {
        work.appendCount += appends.length;
        for (const _ of appends) watch.done();
        return appendMany(appends);
      },
    }),
  };
  return { work, counting };
};

const startUnderWatch = async (engine: Engine) => {
  const watch = watchLoop();
  const { work, counting } = counted(engine, watch);
  const harness = await startGateway({ engine: counting, handle: tellGroup });
  return { harness, watch, work };
};

/** A socket of a client of the extension that has resumed. */
const resumed = async ({ dial }: Harness, userId: string): Promise<Client> => {
  const client = dial(userId);
  await new Promise((resolve) => client.ws.once('open', resolve));
  client.send({ type: 'RESUME', after: null });
  await soon(() => expect(client.of('PRESENCE')).toHaveLength(1));
  return client;
};

/** One who comes only now, asks for a sign of life, and says something. */
const comeAnew = async ({ dial }: Harness) => {
  const anna = dial('anna');
  await new Promise((resolve) => anna.ws.once('open', resolve));
  anna.send([{ type: 'RESUME', after: null }, { type: 'PING' }]);
  anna.send(command('page', 1));
  return {
    heard: () => soon(() => expect(anna.of('HEARTBEAT').length).toBeGreaterThan(0)),
    receipted: () => soon(() => expect(anna.of('RECEIPT')).toHaveLength(1)),
  };
};

const attackers = (harness: Harness) =>
  Promise.all(usersOf(10, 'eve').map((userId) => resumed(harness, userId)));

const receiptCount = (clients: readonly Client[]) =>
  clients.reduce((sum, client) => sum + client.of('RECEIPT').length, 0);

describe('ten sockets with one legal window of commands each', () => {
  it('hold the loop of a slow synchronous engine for two appends at a time', async () => {
    const { harness, watch, work } = await startUnderWatch(slowEngine());
    const eves = await attackers(harness);

    for (const eve of eves) eve.send(windowOf('page'));
    await soon(() => expect(work.appendCount).toBeGreaterThan(GROUP.length * 10));

    expect(watch.mostDoneCount).toBeLessThanOrEqual(2);
  });

  it('delay a new client by the turns of ten others, and not by all that they have sent', async () => {
    const { harness, work } = await startUnderWatch(slowEngine());
    const eves = await attackers(harness);

    for (const eve of eves) eve.send(windowOf('page'));
    await soon(() => expect(work.appendCount).toBeGreaterThan(0));
    const anna = await comeAnew(harness);
    await anna.heard();
    await anna.receipted();

    expect(work.appendCount).toBeLessThan(ALL_APPENDS_COUNT / 4);
    expect(receiptCount(eves)).toBeLessThan((10 * WINDOW_COUNT) / 4);
  });

  it('on sqlite let the loop go round, and a new client in before they are done', async () => {
    const { harness, watch, work } = await startUnderWatch(fileEngine());
    const eves = await attackers(harness);
    const before = watch.roundCount;

    for (const eve of eves) eve.send(windowOf('page'));
    await soon(() => expect(work.appendCount).toBeGreaterThan(0));
    const anna = await comeAnew(harness);
    await anna.heard();
    const servedAfterCount = receiptCount(eves);
    await soon(() => expect(receiptCount(eves)).toBe(10 * WINDOW_COUNT));

    expect(servedAfterCount).toBeLessThan(10 * WINDOW_COUNT);
    expect(watch.roundCount - before).toBeGreaterThan(20);
    expect(watch.mostDoneCount).toBeLessThan(ALL_APPENDS_COUNT / 4);
  });
});

describe('a gateway that closes in the midst of such a flood', () => {
  it('finishes the ten commands that run, begins no other, and tells each socket 1012', async () => {
    const { harness, work } = await startUnderWatch(slowEngine());
    const eves = await attackers(harness);
    for (const eve of eves) eve.send(windowOf('page'));
    await soon(() => expect(work.appendCount).toBeGreaterThan(GROUP.length * 10));
    const before = work.appendCount;

    await harness.gateway.close();

    expect(work.appendCount - before).toBeLessThanOrEqual(GROUP.length * 10);
    const closes = await Promise.all(eves.map(({ closed }) => closed));
    expect(closes.map(({ code }) => code)).toEqual(eves.map(() => 1012));
  });
});

describe('one user with sixteen sockets', () => {
  it('gets no more of a slow synchronous engine than another with one', async () => {
    const { harness } = await startUnderWatch(slowEngine());
    const eves = await Promise.all(usersOf(16, '').map(() => resumed(harness, 'eve')));
    const anna = await resumed(harness, 'anna');

    for (const [i, eve] of eves.entries()) eve.send(windowOf(`page ${i}`));
    anna.send(windowOf('page').slice(0, 8));
    await soon(() => expect(receiptCount([anna])).toBe(8));

    // Sixteen times as much is what sockets would get that take turns by themselves.
    expect(receiptCount(eves)).toBeLessThan(3 * 8);
  });
});

describe('a publish to 2,000 users', () => {
  const USERS = usersOf(2_000, 'user');

  it('holds the loop of a slow synchronous engine for two appends at a time; a new client comes in meanwhile', async () => {
    const { harness, watch, work } = await startUnderWatch(slowEngine());

    void harness.gateway.publish(USERS, { type: 'NEWS' });
    const anna = await comeAnew(harness);
    await anna.heard();
    await anna.receipted();

    expect(work.appendCount).toBeLessThan(USERS.length / 4);
    expect(watch.mostDoneCount).toBeLessThanOrEqual(2);
  });

  it('on sqlite lets the loop go round, and reaches everybody', async () => {
    const engine = fileEngine();
    const { harness, watch } = await startUnderWatch(engine);
    const user = await resumed(harness, 'user1999');
    const before = watch.roundCount;

    await harness.gateway.publish(USERS, { type: 'NEWS' });
    // Microtasks alone do not let it go round once.
    expect(watch.roundCount - before).toBeGreaterThan(1);

    await soon(() => expect(user.of('NEWS')).toHaveLength(1));
    const lasts = await Promise.all(USERS.map((userId) => engine.last(userId)));
    expect(lasts.filter((last) => last.startsWith('1-'))).toHaveLength(USERS.length);
  });
});
