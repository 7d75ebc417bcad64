import { rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EMPTY_POSITION } from '../../src/gateway/index.ts';
import { openProxy } from './support/redis-proxy.ts';
import { openRedis, startOwnRedis, startOwnReplica } from './support/redis-servers.ts';

const text = (n: number | string) => JSON.stringify({ type: 'NEW_MESSAGE', n });
const mark = (n: number) => ({ origin: 'bert', n });
const saying = (pattern: RegExp) => ({ code: 'engine-failed', message: expect.stringMatching(pattern) });

/** Runs a script that does not end. Resolves when it runs. */
const holdWithScript = async (port: number) => {
  const client = createClient({ url: `redis://127.0.0.1:${port}` });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.destroy());
  client.sendCommand(['EVAL', 'while true do end', '0']).catch(() => {}); // it is killed
  await sleep(300);
};

describe('a Redis that cannot keep what the engine promises says so in words:', () => {
  it('it evicts keys', async () => {
    const server = await startOwnRedis({ maxmemory: '100mb', 'maxmemory-policy': 'allkeys-lru' });
    const engine = openRedis({ url: server.url });
    await expect(engine.ready()).rejects.toMatchObject(saying(/maxmemory-policy allkeys-lru/));
    await expect(engine.append('anna', [text(1)])).rejects.toMatchObject(saying(/Set it to noeviction/));
    server.cli('config', 'set', 'maxmemory-policy', 'noeviction');
    expect(await engine.append('anna', [text(1)])).toHaveLength(1);
  });

  it('it evicts keys that have a time to live, of which the engine has none: that is fine', async () => {
    const server = await startOwnRedis({ maxmemory: '100mb', 'maxmemory-policy': 'volatile-lru' });
    const engine = openRedis({ url: server.url });
    await engine.append('anna', [text(1)], mark(1));
    await engine.openChannel?.({ hear() {}, changed() {} }).place('anna', 1);
    for (const key of server.cli('--scan').split('\n')) expect(server.cli('ttl', key)).toBe('-1');
  });

  it('its memory is full: writes fail at once and leave nothing half done, reads go on', async () => {
    const server = await startOwnRedis();
    const engine = openRedis({ url: server.url });
    await engine.append('anna', [text(1)]);
    server.cli('config', 'set', 'maxmemory', '1kb');
    await expect(engine.append('anna', [text(2)], mark(1))).rejects.toMatchObject(saying(/no memory left/));
    await expect(
      engine.decide('anna', 'page', { n: 1, key: 'k', verdict: 'done', publications: [] }, 0),
    ).rejects.toMatchObject(saying(/no memory left/));
    expect(await engine.readAfter('anna', EMPTY_POSITION, 10)).toHaveLength(1);
    expect(await engine.recall('anna', 'page', 1)).toEqual({ decided: 0, stored: null });
    server.cli('config', 'set', 'maxmemory', '0');
    expect(await engine.append('anna', [text(2)], mark(1))).toHaveLength(1);
  });

  it('it is a replica, or one that has lost its primary', async () => {
    const primary = await startOwnRedis();
    const replica = await startOwnReplica(primary);
    const engine = openRedis({ url: replica.url });
    await expect(engine.ready()).rejects.toMatchObject(saying(/read only: a replica/));
    replica.cli('config', 'set', 'replica-serve-stale-data', 'no');
    await primary.stop();
    await vi.waitFor(() => expect(replica.cli('info', 'replication')).toMatch(/link_status:down/), 10_000);
    const other = openRedis({ url: replica.url });
    await expect(other.append('anna', [text(1)])).rejects.toMatchObject(saying(/replica/));
  });

  it('it becomes a replica while it is in use: writes fail in words, and go on at the primary', async () => {
    const [first, second] = [await startOwnRedis(), await startOwnRedis()];
    const proxy = await openProxy(first.port);
    const engine = openRedis({ url: proxy.url });
    await engine.append('anna', [text(1)]);
    first.cli('replicaof', '127.0.0.1', String(second.port));
    await vi.waitFor(() => expect(first.cli('info', 'replication')).toMatch(/link_status:up/), 10_000);
    await expect(engine.append('anna', [text(2)])).rejects.toMatchObject(saying(/read only: a replica/));
    proxy.leadTo(second.port);
    expect(await engine.append('anna', [text(3)], mark(1))).toHaveLength(1);
  });

  it('it wants a login, another one, or gives too few rights', async () => {
    const server = await startOwnRedis({ requirepass: 'correct' });
    server.cli('acl', 'setuser', 'reader', 'on', '>pass', '~*', '&*', '+@read', '+info');
    const failureAt = (login: string) =>
      openRedis({ url: `redis://${login}127.0.0.1:${server.port}` })
        .append('anna', [text(1)])
        .then(
          () => '',
          (error: Error) => error.message,
        );
    expect(await failureAt('')).toMatch(/refuses the login/);
    expect(await failureAt(':secret@')).toMatch(/refuses the login/);
    expect(await failureAt(':secret@')).not.toMatch(/secret/);
    expect(await failureAt('reader:pass@')).toMatch(/may not do this. It needs/);
    expect(await failureAt(':correct@')).toBe('');
  });

  it('the rights that its words name are enough', async () => {
    const server = await startOwnRedis({ requirepass: 'correct' });
    const rights = [
      '~statesocket:*',
      '&statesocket:*',
      '+@read',
      '+@write',
      '+@scripting',
      '+@pubsub',
      '+@connection',
    ];
    server.cli('acl', 'setuser', 'engine', 'on', '>pass', ...rights, '+info', '+wait', '+time');
    const engine = openRedis({ url: `redis://engine:pass@127.0.0.1:${server.port}` });
    const bell = vi.fn();
    engine.subscribe('anna', bell);
    expect(await engine.append('anna', [text(1)], mark(1))).toHaveLength(1);
    expect(await engine.openChannel?.({ hear() {}, changed() {} }).place('anna', 1)).toEqual({
      before: 0,
      after: 1,
    });
    await vi.waitFor(() => expect(server.cli('pubsub', 'shardchannels').split('\n')).toHaveLength(3), 5_000);
  });

  it('it cannot write to its disk, or has too few replicas', async () => {
    const server = await startOwnRedis({ save: '3600 1' });
    const engine = openRedis({ url: server.url });
    await engine.append('anna', [text(1)]);
    server.cli('config', 'set', 'min-replicas-to-write', '1');
    await expect(engine.append('anna', [text(2)])).rejects.toMatchObject(saying(/min-replicas-to-write/));
    server.cli('config', 'set', 'min-replicas-to-write', '0');
    rmSync(server.folder, { recursive: true });
    server.cli('bgsave');
    await vi.waitFor(
      () => expect(server.cli('info', 'persistence')).toMatch(/rdb_last_bgsave_status:err/),
      10_000,
    );
    await expect(engine.append('anna', [text(3)])).rejects.toMatchObject(saying(/cannot write to its disk/));
    expect(await engine.readAfter('anna', EMPTY_POSITION, 10)).toHaveLength(1);
  });

  it('somebody holds it with a script of their own', async () => {
    const server = await startOwnRedis({ 'busy-reply-threshold': 100 });
    const engine = openRedis({ url: server.url });
    await engine.append('anna', [text(1)]);
    await holdWithScript(server.port);
    const waiting = engine.append('anna', [text(2)]);
    await expect(waiting).rejects.toMatchObject(saying(/held by a script/));
    server.cli('script', 'kill');
    expect(await engine.append('anna', [text(3)])).toHaveLength(1);
  });

  it('a key of the engine holds something else: that call fails, and no other with it', async () => {
    const server = await startOwnRedis();
    const engine = openRedis({ url: server.url });
    server.cli('set', 'statesocket:{anna}:e', 'mine');
    server.cli('set', 'statesocket:{anna}:d:page', 'mine');
    const results = await Promise.allSettled([
      engine.last('anna'),
      engine.append('anna', [text(1)], mark(1)),
      engine.decide('anna', 'page', { n: 1, key: 'k', verdict: 'done', publications: [] }, 0),
      engine.decide('anna', 'other', { n: 1, key: 'k', verdict: 'done', publications: [] }, 0),
      engine.append('bert', [text(1)]),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(results[1]).toMatchObject({ reason: saying(/holds something else/) });
    server.cli('del', 'statesocket:{anna}:e');
    expect(await engine.append('anna', [text(1)], mark(1))).toHaveLength(1);
  });

  it('it is older than 7', async () => {
    const old = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (data) => {
        const info = 'redis_version:6.2.14\r\nrole:master\r\nmaster_replid:abc\r\n';
        for (const [, name] of String(data).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g))
          socket.write(name?.toUpperCase() === 'INFO' ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n');
      });
    });
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', () => resolve()));
    onTestFinished(() => void old.close());
    const engine = openRedis({ url: `redis://127.0.0.1:${(old.address() as AddressInfo).port}` });
    await expect(engine.ready()).rejects.toMatchObject(
      saying(/This is Redis 6\.2\.14, and the engine needs Redis 7/),
    );
  });
});

describe('replicas', () => {
  it('are waited for: what has resolved is on as many as are asked for', async () => {
    const primary = await startOwnRedis();
    const replica = await startOwnReplica(primary);
    const engine = openRedis({ url: primary.url, waitForReplicas: 1 });
    await Promise.all(Array.from({ length: 20 }, (_, n) => engine.append(`user ${n % 5}`, [text(n)])));
    const [id] = (await engine.append('anna', [text(1)])) as string[];
    expect(replica.cli('hget', 'statesocket:{anna}:s', 'last')).toBe(id?.split('-')[1]);
  });

  it('that are away: the call fails in words, though it is stored; repeated with its mark it resolves once they have it', async () => {
    const primary = await startOwnRedis();
    const replica = await startOwnReplica(primary);
    const engine = openRedis({ url: primary.url, waitForReplicas: 1 });
    await engine.append('anna', [text(1)]);
    replica.signal('SIGSTOP');
    const tried = [mark(1), mark(1)].map((one) => engine.append('anna', [text(2)], one));
    for (const result of await Promise.allSettled(tried))
      expect(result).toMatchObject({ reason: saying(/fewer than 1 replicas have it/) });
    // On another connection, which has written nothing.
    const other = openRedis({ url: primary.url, waitForReplicas: 1 });
    await expect(other.append('anna', [text(2)], mark(1))).rejects.toMatchObject(saying(/fewer than 1/));
    replica.signal('SIGCONT');
    await vi.waitFor(
      async () => expect(await other.append('anna', [text(2)], mark(1))).toBe('repeat'),
      15_000,
    );
    expect(await engine.readAfter('anna', EMPTY_POSITION, 10)).toHaveLength(2);
  });

  it('that take over without the tail (a failover): a discontinuity, also for who had not read it', async () => {
    const primary = await startOwnRedis();
    const link = await openProxy(primary.port);
    const replica = await startOwnReplica({ port: Number(new URL(link.url).port) });
    const proxy = await openProxy(primary.port);
    const engine = openRedis({ url: proxy.url });
    const beside = openRedis({ url: proxy.url });
    const [first] = (await engine.append('anna', [text(1)])) as string[];
    await vi.waitFor(() => expect(replica.cli('exists', 'statesocket:{anna}:s')).toBe('1'), 5_000);
    link.setDeaf(true);
    const [lost] = (await engine.append('anna', [text('confirmed, and lost')], mark(1))) as string[];
    await primary.stop();
    replica.cli('replicaof', 'no', 'one');
    proxy.leadTo(replica.port);
    const [again] = (await engine.append('anna', [text(2)], mark(1))) as string[];
    expect(again?.split('-')[0]).toBe(lost?.split('-')[0]);
    expect(again).not.toBe(lost);
    for (const one of [engine, beside])
      for (const id of [EMPTY_POSITION, first, lost])
        expect(await one.readAfter('anna', id ?? '', 10)).toBeNull();
    expect(await beside.readAfter('anna', again ?? '', 10)).toEqual([]);
  });
});
