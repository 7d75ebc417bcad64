import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createClient } from 'redis';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EMPTY_POSITION, memoryEngine } from '../../src/gateway/index.ts';
import { type RedisEngineOptions, redisEngine } from '../../src/gateway/redis/index.ts';
import { expectBoundedDecisions } from '../contract/bounded-decisions.ts';
import { openRedis, startOwnCluster, startOwnRedis } from './support/redis-servers.ts';

const text = (n: number | string) => JSON.stringify({ type: 'NEW_MESSAGE', n });
const DAY_MS = 24 * 60 * 60 * 1000;

/** Each of them is more than a name to somebody. */
const ODD = [
  '{}',
  '}{',
  '{',
  '}',
  '}:s',
  '{anna}',
  'anna}:d:page',
  'anna}:d:x}:s',
  'page}:s',
  '~epoch',
  '~nodes',
  'a\u0000b',
  '\u0000',
  'a\r\n*1\r\n$8\r\nFLUSHALL\r\n',
  '"]; redis.call("flushall") --',
  '*',
  '[a-z]',
  'm:bert',
  'count',
  '#',
  `#${'A'.repeat(32)}`,
  'x'.repeat(10_240),
  `${'x'.repeat(10_239)}y`,
];

describe('names from outside', () => {
  it.each(['a single server', 'a cluster'])(
    'are never more than names, whatever they look like, on %s',
    async (kind) => {
      const options =
        kind === 'a cluster'
          ? { cluster: { rootNodes: (await startOwnCluster()).rootNodes } }
          : { url: (await startOwnRedis()).url };
      const engine = openRedis(options);
      await engine.append('anna', [text('hers')], { origin: 'bert', n: 1 });
      const channel = engine.openChannel?.({ hear() {}, changed() {} });
      for (const name of ODD) {
        await engine.append(name, [text(name), name], { origin: name, n: 1 });
        expect(await engine.append(name, ['again'], { origin: name, n: 1 })).toBe('repeat');
        const decision = {
          n: 1,
          key: name,
          verdict: { rejected: name },
          publications: [{ userIds: [name], text: name }],
        };
        for (const client of ['page', name]) {
          await engine.decide(name, client, decision, 0);
          expect((await engine.recall(name, client, 1)).stored).toEqual({ ...decision, fanned: false });
          expect((await engine.resumeCommands(name, client, 1)).unfanned).toEqual([decision]);
        }
        expect(await engine.unfanned(name)).toHaveLength(2);
        expect(await engine.readAfter(name, name, 10)).toBeNull();
        expect(await channel?.place(name, 1)).toEqual({ before: 0, after: 1 });
      }
      for (const name of ODD)
        expect((await engine.readAfter(name, EMPTY_POSITION, 10))?.map((entry) => entry.text)).toEqual([
          text(name),
          name,
        ]);
      expect(await channel?.online(ODD)).toEqual(ODD);
      expect(await engine.readAfter('anna', EMPTY_POSITION, 10)).toHaveLength(1);
    },
  );

  it('become keys of one form, of a bounded length', async () => {
    const server = await startOwnRedis();
    const engine = openRedis({ url: server.url });
    for (const name of ODD) {
      await engine.append(name, [text(1)]);
      await engine.decide(name, name, { n: 1, key: 'k', verdict: 'done', publications: [] }, 0);
    }
    const keys = server.cli('--scan').split('\n');
    expect(keys.length).toBeGreaterThan(3 * (ODD.length - 1));
    for (const key of keys)
      expect(key).toMatch(
        /^statesocket:\{(?:~?[\w.@+-]{1,64}|#[\w-]{32})\}:?(?:[seunr]|dead|d:#?[\w.@+-]{1,64})?$/,
      );
  });

  it('of another prefix are others: two engines on one server know nothing of each other', async () => {
    const { url } = await startOwnRedis();
    const [one, two] = [openRedis({ url, prefix: 'one' }), openRedis({ url, prefix: 'two' })];
    const bell = vi.fn();
    two.subscribe('anna', bell);
    await vi.waitFor(() => expect(bell).toHaveBeenCalledTimes(1), 5_000);
    await one.append('anna', [text(1)]);
    expect(await two.last('anna')).toBe(EMPTY_POSITION);
    const channels = [one, two].map((engine) => engine.openChannel?.({ hear() {}, changed() {} }));
    await channels[0]?.place('anna', 1);
    expect(await channels[1]?.online(['anna'])).toEqual([]);
    expect(bell).toHaveBeenCalledTimes(1);
  });
});

/** How many entries, fields of slots, and other keys there are of users. */
const COUNT = `
local sizes = { 0, 0, 0 }
for _, key in ipairs(redis.call('KEYS', '*')) do
  if not key:find('~') and not key:find('somebody') then
    if key:sub(-2) == ':e' then sizes[1] = sizes[1] + redis.call('XLEN', key)
    elseif key:sub(-2) == ':s' then sizes[2] = sizes[2] + redis.call('HLEN', key)
    else sizes[3] = sizes[3] + 1 end
  end
end
return cjson.encode(sizes)`;

describe('what the redis engine keeps', () => {
  it.each(['a single server', 'a cluster'])(
    'is small again, in the background, and keeps the head of each log, on %s',
    async (kind) => {
      const cluster = kind === 'a cluster' ? await startOwnCluster() : null;
      const servers = cluster?.servers ?? [await startOwnRedis()];
      const place =
        cluster === null ? { url: servers[0]?.url ?? '' } : { cluster: { rootNodes: cluster.rootNodes } };
      let wallClockMs = 1_000_000;
      const engine = openRedis({ ...place, retention: { maxAgeMs: 1_000 }, now: () => wallClockMs });
      const users = Array.from({ length: 30 }, (_, at) => `user ${at}`);
      const lasts = await Promise.all(
        users.map(
          async (user) => (await engine.append(user, [text(1), text(2)], { origin: 'bert', n: 1 }))[1],
        ),
      );
      for (const user of users)
        await engine.decide(
          user,
          'page',
          { n: 1, key: 'k', verdict: 'done', publications: [{ userIds: [], text: 'x' }] },
          0,
        );
      for (let day = 0; day < 29; day += 1) {
        wallClockMs += DAY_MS;
        await engine.append('somebody', [text(day)]);
      }
      const sizes = () => {
        const all = servers.map(({ cli }) => JSON.parse(cli('eval', COUNT, '0')) as number[]);
        return [0, 1, 2].map((at) => all.reduce((sum, one) => sum + (one[at] ?? 0), 0));
      };
      // The five fields of a head, for each of them.
      await vi.waitFor(() => expect(sizes()).toEqual([0, 5 * users.length, 0]), 40_000);
      expect(await engine.last('user 7')).toBe(lasts[7]);
      expect(await engine.append('user 7', [text(3)], { origin: 'bert', n: 1 })).toHaveLength(1);
      expect(await engine.readAfter('user 7', lasts[7] ?? '', 10)).toMatchObject([
        { prev: lasts[7], text: text(3) },
      ]);
    },
  );

  it('is bounded for a user who gets much: little more than maxCount entries are there', async () => {
    const server = await startOwnRedis();
    const engine = openRedis({ url: server.url, retention: { maxCount: 100 } });
    for (let n = 0; n < 40; n += 1)
      await engine.append(
        'anna',
        Array.from({ length: 50 }, (_, at) => text(at)),
      );
    expect(Number(server.cli('xlen', 'statesocket:{anna}:e'))).toBeLessThanOrEqual(300);
    const last = Number((await engine.last('anna')).split('-')[0]);
    expect(last).toBe(2_000);
  });

  it('is bounded for a user with many pages: decisions of the last 16 clients alone', async () => {
    const server = await startOwnRedis();
    let wallClockMs = 1_000_000;
    const engine = openRedis({ url: server.url, now: () => wallClockMs });
    await expectBoundedDecisions(engine, () => {
      wallClockMs += 1;
    });
    expect(server.cli('--scan', '--pattern', '*:d:*').split('\n')).toHaveLength(16);
  });

  it('is swept on although the log of one user cannot be: Redis is not asked for it again and again', async () => {
    const server = await startOwnRedis();
    server.cli('set', 'statesocket:{anna}:e', 'of another program');
    server.cli('hset', 'statesocket:{anna}:s', 'count', '1', 'last', 'x', 'epoch', '0', 'at', '0');
    const engine = openRedis({ url: server.url, retention: { maxAgeMs: 1_000 } });
    await engine.last('bert');
    const scriptsRun = () =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(server.cli('info', 'commandstats'))?.[1] ?? 0);
    await vi.waitFor(() => expect(server.cli('info', 'errorstats')).toMatch(/WRONGTYPE/), 10_000);
    const before = scriptsRun();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(scriptsRun() - before).toBeLessThan(20);
  });

  it('takes as many texts at once as another engine does', async () => {
    const engine = openRedis({ url: (await startOwnRedis()).url, retention: { maxCount: 10_000 } });
    const texts = Array.from({ length: 5_000 }, (_, at) => text(at));
    expect(await engine.append('anna', texts)).toHaveLength(5_000);
  });

  it('remembers ages over a restart, in which no time passes but a day', async () => {
    const { url } = await startOwnRedis();
    let wallClockMs = 1_000_000;
    const before = redisEngine({ url, now: () => wallClockMs });
    await before.append('anna', [text(1)], { origin: 'bert', n: 1 });
    await before.close();
    wallClockMs += 60 * DAY_MS;
    const after = openRedis({ url, now: () => wallClockMs });
    await after.append('somebody', [text(1)]);
    expect(await after.append('anna', [text(1)], { origin: 'bert', n: 1 })).toBe('repeat');
  });
});

describe('the options of the redis engine', () => {
  const client = createClient();
  it.each([
    [{}, /needs one of these: a url/],
    [{ url: 'localhost:6379' }, /needs one of these: a url/],
    [{ url: 'redis://x', client }, /needs one of these: a url/],
    [{ cluster: { rootNodes: [] } }, /needs one of these: a url/],
    [{ url: 'redis://x', prefix: 'a{b}' }, /prefix must be/],
    [{ url: 'redis://x', waitForReplicas: -1 }, /waitForReplicas must be/],
    [{ url: 'redis://x', lossless: 'yes' }, /lossless must be/],
    [{ url: 'redis://x', retention: { maxCount: 0 } }, /maxCount of at least 1/],
    [{ url: 'redis://x', prefixes: 'x' }, /Did you mean prefix/],
  ])('%o cannot be', (options, message) => {
    expect(() => redisEngine(options as RedisEngineOptions)).toThrow(
      expect.objectContaining({ code: 'bad-option', message: expect.stringMatching(message) }),
    );
  });

  it('may name a server that is not there: the call says so, and nothing of the address', async () => {
    const engine = openRedis({ url: 'redis://secret:secret@127.0.0.1:1' });
    const error: Error = await engine.ready().then(
      () => new Error('It was there.'),
      (cause) => cause,
    );
    expect(error).toMatchObject({ code: 'engine-failed' });
    expect(error.message).not.toMatch(/secret|127/);
  });

  it('may be a client of the app, which it leaves as it is', async () => {
    const server = await startOwnRedis({ requirepass: 'correct' });
    const app = createClient({ url: `redis://:correct@127.0.0.1:${server.port}`, keyPrefix: 'app:' });
    await app.connect();
    onTestFinished(() => app.destroy());
    const engine = redisEngine({ client: app });
    const bell = vi.fn();
    engine.subscribe('anna', bell);
    await vi.waitFor(() => expect(bell).toHaveBeenCalled(), 5_000);
    const [id] = (await engine.append('anna', [text(1)])) as string[];
    expect(await engine.last('anna')).toBe(id);
    await engine.close();
    expect(await app.ping()).toBe('PONG');
  });

  it('may have the doorbell of another engine', async () => {
    const { url } = await startOwnRedis();
    const doorbell = memoryEngine();
    const engine = openRedis({ url, doorbell });
    const bell = vi.fn();
    doorbell.subscribe('anna', bell);
    await engine.append('anna', [text(1)]);
    expect(bell).toHaveBeenCalledTimes(1);
  });
});

it('an engine that nobody closes keeps no process alive', async () => {
  const { url } = await startOwnRedis();
  const script = `
    const { redisEngine } = await import('statesocket/gateway/redis');
    const engine = redisEngine({ url: ${JSON.stringify(url)} });
    engine.subscribe('anna', () => {});
    engine.openChannel({ hear() {}, changed() {} }).place('anna', 1);
    await engine.append('anna', ['{"type":"X"}']);
  `;
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: root,
    stdio: 'inherit',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  expect(await once(child, 'exit')).toEqual([0, null]);
}, 30_000);
