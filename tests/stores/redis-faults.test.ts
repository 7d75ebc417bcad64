import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { EMPTY_POSITION } from '../../src/gateway/index.ts';
import type { RedisEngine } from '../../src/gateway/redis/index.ts';
import { openProxy } from './support/redis-proxy.ts';
import { openRedis, startOwnRedis } from './support/redis-servers.ts';

const text = (n: number | string) => JSON.stringify({ type: 'NEW_MESSAGE', n });
const mark = (n: number) => ({ origin: 'bert', n });
const DURABLE = { appendonly: 'yes', appendfsync: 'always' };

const textsOf = async (engine: RedisEngine, userId: string, after = EMPTY_POSITION) =>
  (await engine.readAfter(userId, after, 1_000))?.map((entry) => entry.text);
const saying = (pattern: RegExp) => ({ code: 'engine-failed', message: expect.stringMatching(pattern) });
/** As a client does: it sends it again. */
const untilItWorks = async <T>(step: () => Promise<T>): Promise<T> =>
  vi.waitFor(step, { timeout: 30_000, interval: 50 });

describe('a Redis that', () => {
  it('restarts: calls wait for it, doorbells are heard again, and nothing is lost where it loses nothing', async () => {
    const server = await startOwnRedis(DURABLE);
    const engine = openRedis({ url: server.url, lossless: true });
    const beside = openRedis({ url: server.url, lossless: true });
    const [id] = (await engine.append('anna', [text(1)])) as string[];
    const bell = vi.fn();
    beside.subscribe('anna', bell);
    await vi.waitFor(() => expect(bell).toHaveBeenCalled(), 5_000);
    await server.stop('SIGTERM');
    const waiting = engine.append('anna', [text(2)], mark(1));
    await sleep(300);
    await server.start();
    expect(await waiting).toHaveLength(1);
    expect(await textsOf(engine, 'anna', id)).toEqual([text(2)]);
    const before = bell.mock.calls.length;
    await vi.waitFor(async () => {
      await engine.append('anna', [text(3)]);
      expect(bell.mock.calls.length).toBeGreaterThan(before + 1);
    }, 20_000);
  });

  it('crashes (kill -9) with appendfsync always loses nothing that had resolved', async () => {
    const server = await startOwnRedis(DURABLE);
    const engine = openRedis({ url: server.url, lossless: true, retention: { maxCount: 100_000 } });
    const written: string[] = [];
    let isOver = false;
    const writers = Array.from({ length: 4 }, async (_, at) => {
      for (let n = 1; !isOver; n += 1) {
        const one = text(`${at} ${n}`);
        await untilItWorks(() => engine.append('anna', [one], { origin: `${at}`, n }));
        written.push(one);
      }
    });
    for (let round = 0; round < 2; round += 1) {
      await sleep(300);
      await server.stop('SIGKILL');
      await server.start();
    }
    await sleep(300);
    isOver = true;
    await Promise.all(writers);
    const log = (await engine.readAfter('anna', EMPTY_POSITION, 100_000))?.map((entry) => entry.text) ?? [];
    expect(log.length).toBeGreaterThan(8);
    expect(new Set(log).size).toBe(log.length);
    expect(new Set(log)).toEqual(new Set(written));
  });

  it('was started again shows all readers a discontinuity, since it may have lost what nobody had read', async () => {
    const server = await startOwnRedis(DURABLE);
    const engine = openRedis({ url: server.url });
    const ids = (await engine.append('anna', [text(1), text(2)])) as string[];
    await server.stop('SIGKILL');
    await server.start();
    for (const id of [EMPTY_POSITION, ...ids]) expect(await engine.readAfter('anna', id, 10)).toBeNull();
    const head = await engine.last('anna');
    expect(ids).not.toContain(head);
    const [next] = (await engine.append('anna', [text(3)])) as string[];
    expect(await engine.readAfter('anna', head, 10)).toEqual([{ id: next, prev: head, text: text(3) }]);
    for (const id of [EMPTY_POSITION, ...ids]) expect(await engine.readAfter('anna', id, 10)).toBeNull();
    // Also for somebody who had nothing yet: what came for them may be lost.
    expect(await engine.readAfter('nobody', EMPTY_POSITION, 10)).toBeNull();
    expect(await engine.readAfter('nobody', await engine.last('nobody'), 10)).toEqual([]);
  });

  it('lost its last second (appendfsync everysec, a power cut): a discontinuity, also for who had not read it', async () => {
    const server = await startOwnRedis({ appendonly: 'yes', appendfsync: 'everysec' });
    const engine = openRedis({ url: server.url });
    const [first] = (await engine.append('anna', [text(1)], mark(1))) as string[];
    const restore = server.saveFiles();
    const [lost] = (await engine.append('anna', [text('confirmed, and lost')], mark(2))) as string[];
    await server.stop('SIGKILL');
    restore();
    await server.start();
    // The log grows again, over the number that was lost.
    const [again] = (await engine.append('anna', [text(2)], mark(2))) as string[];
    expect(again?.split('-')[0]).toBe(lost?.split('-')[0]);
    expect(again).not.toBe(lost);
    // One who had read only the first would go on without a hole otherwise.
    expect(await engine.readAfter('anna', first ?? '', 10)).toBeNull();
    expect(await engine.readAfter('anna', lost ?? '', 10)).toBeNull();
    expect(await engine.readAfter('anna', again ?? '', 10)).toEqual([]);
  });

  it('is emptied (FLUSHALL) while it is in use: a discontinuity, also for who had read nothing', async () => {
    const server = await startOwnRedis();
    const engine = openRedis({ url: server.url });
    const [id] = (await engine.append('anna', [text(1)], mark(1))) as string[];
    server.cli('flushall');
    await vi.waitFor(async () => expect(await engine.last('anna')).not.toBe(EMPTY_POSITION), 10_000);
    await engine.append('anna', [text(2)], mark(1));
    expect(await engine.readAfter('anna', id ?? '', 10)).toBeNull();
    expect(await engine.readAfter('anna', EMPTY_POSITION, 10)).toBeNull();
  });

  it('is down for long: each call fails in words after 5 s, and works when it is back', async () => {
    const server = await startOwnRedis(DURABLE);
    const engine = openRedis({ url: server.url });
    await engine.append('anna', [text(1)]);
    await server.stop('SIGTERM');
    const startedAt = performance.now();
    await expect(engine.append('anna', [text(2)])).rejects.toMatchObject(
      saying(/connection to Redis was lost/),
    );
    expect(performance.now() - startedAt).toBeGreaterThan(4_000);
    await server.start();
    expect(await untilItWorks(() => engine.append('anna', [text(3)], mark(1)))).toHaveLength(1);
  });

  it('stands still (SIGSTOP): a call fails, and its connection is given up', async () => {
    const server = await startOwnRedis();
    const engine = openRedis({ url: server.url });
    await engine.append('anna', [text(1)]);
    server.signal('SIGSTOP');
    await expect(engine.append('anna', [text(2)])).rejects.toMatchObject(saying(/did not reply in time/));
    server.signal('SIGCONT');
    expect(await untilItWorks(() => engine.append('anna', [text(3)], mark(1)))).toHaveLength(1);
  });

  it('forgets its scripts (SCRIPT FLUSH): they are sent again', async () => {
    const server = await startOwnRedis();
    const engine = openRedis({ url: server.url });
    await engine.append('anna', [text(1)]);
    server.cli('script', 'flush');
    await Promise.all(['anna', 'bert', 'cleo'].map((user) => engine.append(user, [text(2)])));
    expect(await textsOf(engine, 'anna')).toEqual([text(1), text(2)]);
  });

  it('loads its data: calls wait for it', async () => {
    const server = await startOwnRedis({ save: '3600 1', dbfilename: 'dump.rdb' });
    const engine = openRedis({ url: server.url, lossless: true });
    for (let n = 0; n < 30; n += 1) await engine.append(`user ${n}`, [text(n)]);
    await server.stop('SIGTERM');
    await server.start(
      { 'key-load-delay': 30_000, 'loading-process-events-interval-bytes': 1_024 },
      /DB loaded|Server initialized/,
    );
    const replies = [server.cli('ping')];
    expect(replies[0]).toMatch(/LOADING/);
    expect(await textsOf(engine, 'user 7')).toEqual([text(7)]);
  });
});

describe('a connection that', () => {
  it('is lost before the reply: what has a mark is done again, once; the rest fails, and may have taken effect', async () => {
    const server = await startOwnRedis();
    const proxy = await openProxy(server.port);
    const engine = openRedis({ url: proxy.url });
    await engine.append('anna', [text(1)]);
    proxy.setCutsReplies(true);
    const marked = engine.append('anna', [text(2)], mark(1));
    const unmarked = engine.append('bert', [text(1)]);
    await expect(unmarked).rejects.toMatchObject(saying(/may or may not be stored/));
    proxy.setCutsReplies(false);
    expect(await marked).toBe('repeat');
    expect(await textsOf(engine, 'anna')).toEqual([text(1), text(2)]);
    expect(await textsOf(engine, 'bert')).toEqual([text(1)]);
  });

  it('is the one that listens: what was missed rings when it is back', async () => {
    const server = await startOwnRedis();
    const [one, two] = [openRedis({ url: server.url }), openRedis({ url: server.url })];
    const bell = vi.fn();
    two.subscribe('anna', bell);
    await vi.waitFor(() => expect(bell).toHaveBeenCalled(), 5_000);
    bell.mockClear();
    server.cli('client', 'kill', 'type', 'pubsub');
    await one.append('anna', [text(1)]);
    await vi.waitFor(() => expect(bell).toHaveBeenCalled(), 10_000);
    await vi.waitFor(async () => {
      bell.mockClear();
      await one.append('anna', [text(2)]);
      await sleep(100);
      expect(bell).toHaveBeenCalledTimes(1);
    }, 10_000);
  });

  it('goes dead without a word is found, and made again', async () => {
    const server = await startOwnRedis();
    const proxy = await openProxy(server.port);
    const one = openRedis({ url: server.url });
    const two = openRedis({ url: proxy.url });
    const bell = vi.fn();
    two.subscribe('anna', bell);
    await vi.waitFor(() => expect(bell).toHaveBeenCalled(), 5_000);
    bell.mockClear();
    proxy.setDeaf(true);
    await one.append('anna', [text(1)]);
    await expect(two.last('anna')).rejects.toMatchObject(saying(/did not reply in time/));
    proxy.setDeaf(false);
    await vi.waitFor(() => expect(bell).toHaveBeenCalled(), 20_000);
    expect(await untilItWorks(() => textsOf(two, 'anna'))).toEqual([text(1)]);
  });

  it('somebody else fills with nonsense: it is passed over', async () => {
    const server = await startOwnRedis();
    const engine = openRedis({ url: server.url });
    const heard = vi.fn();
    const channel = engine.openChannel?.({ hear: heard, changed: heard });
    await channel?.place('anna', 1);
    const bell = vi.fn();
    engine.subscribe('anna', bell);
    await vi.waitFor(() => expect(bell).toHaveBeenCalled(), 5_000);
    const channels = server.cli('pubsub', 'shardchannels').split('\n');
    expect(channels.length).toBeGreaterThan(2);
    for (const name of channels)
      for (const said of ['', '{', '[]', '[1,2]', '[["anna"],7]', 'null', '["x",{"a":1}]'])
        server.cli('spublish', name, said);
    await sleep(200);
    expect(heard).not.toHaveBeenCalled();
    expect(await engine.append('anna', [text(1)])).toHaveLength(1);
  });
});
