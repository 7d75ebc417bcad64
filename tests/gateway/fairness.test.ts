import { describe, expect, it, vi } from 'vitest';
import type { HandleCommand } from '../../src/gateway/commands/command.ts';
import { SLICE_MS } from '../../src/gateway/fair-scheduler.ts';
import { EMPTY_POSITION, type Engine, memoryEngine } from '../../src/gateway/index.ts';
import { createHeldLoop, type HeldLoop } from './support/held-loop.ts';
import { command, type Peer, settle, startHub } from './support/hub-harness.ts';

const APPEND_MS = 6;

/** An engine that is synchronous behind `async`, and slow: it holds the loop for as long as it works. */
const synchronousEngine = (loop: HeldLoop) => {
  const engine = memoryEngine();
  const work = { appendCount: 0, readCount: 0 };
  const slow: Engine = {
    ...engine,
    async append(...args) {
      loop.busy(APPEND_MS);
      work.appendCount += 1;
      return engine.append(...args);
    },
    async readAfter(...args) {
      loop.busy(1);
      work.readCount += 1;
      return engine.readAfter(...args);
    },
  };
  return { slow, engine, work };
};

const start = (options: Parameters<typeof startHub>[0] = {}) => {
  const loop = createHeldLoop();
  const { slow, engine, work } = synchronousEngine(loop);
  const { clock, nextTurn } = loop;
  const harness = startHub({ engine: slow, clock, nextTurn, ...options });
  return {
    ...harness,
    loop,
    work,
    engine,
    /** A socket of a client of the extension, when all is quiet again. */
    async join(userId: string): Promise<Peer> {
      const peer = await harness.connect(userId);
      await peer.resume(null);
      await loop.rest();
      return peer;
    },
  };
};

const textsOf = async (engine: Engine, userId: string) =>
  ((await engine.readAfter(userId, EMPTY_POSITION, 1_000)) ?? []).map(({ text }) => JSON.parse(text).text);

const usersOf = (count: number, name = 'user') => Array.from({ length: count }, (_, i) => `${name}${i}`);

const GROUP = usersOf(5, 'member');

/** Tells everybody in the group. */
const tellGroup: HandleCommand = (given, { publish }) => {
  if (given.kind === 'message') publish(GROUP, { ...given.message, type: 'NEW_MESSAGE' });
};

const windowOf = (clientId: string) => Array.from({ length: 32 }, (_, i) => command(clientId, i + 1));

describe('a command on a quiet gateway', () => {
  it('is receipted with no timer and no turn of the loop: microtasks are enough', async () => {
    const { connect } = startHub({ handle: tellGroup, nextTurn: () => {} });
    const anna = await connect('anna');
    const timer = vi.spyOn(globalThis, 'setTimeout');
    const immediate = vi.spyOn(globalThis, 'setImmediate');

    void anna.say(command('page', 1));
    // `say` waits for one immediate of its own, which is not this one.
    for (let i = 0; i < 200 && anna.of('RECEIPT').length === 0; i += 1) await undefined;

    expect(anna.of('RECEIPT')).toHaveLength(1);
    expect(timer).not.toHaveBeenCalled();
    expect(immediate).toHaveBeenCalledTimes(1);
    timer.mockRestore();
    immediate.mockRestore();
  });
});

describe('ten sockets with a window of commands each, on a synchronous engine', () => {
  it('never hold the loop for longer than a slice and the one call that runs', async () => {
    const { join, loop, work } = start({ handle: tellGroup });
    const attackers = await Promise.all(usersOf(10, 'eve').map(join));
    await loop.rest();

    for (const eve of attackers) void eve.say(windowOf('page'));
    const roundCount = await loop.rest();

    expect(work.appendCount).toBe(10 * 32 * 5);
    expect(loop.longestMs).toBeLessThan(SLICE_MS + 2 * APPEND_MS);
    expect(roundCount).toBeGreaterThan((10 * 32 * 5 * APPEND_MS) / (SLICE_MS + 2 * APPEND_MS));
    expect(attackers.map((eve) => eve.of('RECEIPT').length)).toEqual(attackers.map(() => 32));
  });

  it('let one who comes meanwhile be served in their turn', async () => {
    const { join, connect, loop, work } = start({ handle: tellGroup });
    const attackers = await Promise.all(usersOf(10, 'eve').map(join));
    await loop.rest();
    for (const eve of attackers) void eve.say(windowOf('page'));
    await loop.goRound();

    const anna = await connect('anna');
    void anna.say([{ type: 'RESUME', after: null }, { type: 'PING' }, command('page', 1)]);
    const before = work.appendCount;
    while (anna.of('RECEIPT').length === 0) await loop.goRound();

    expect(anna.types).toEqual(expect.arrayContaining(['WELCOME', 'HEARTBEAT', 'RESUMED', 'RECEIPT']));
    expect(work.appendCount).toBeLessThan(10 * 32 * 5);
    // Recovery, the log, and a command with five recipients: a turn each, and each time ten others have one.
    expect(work.appendCount - before).toBeLessThan(10 * 10);
  });

  it('of one user, and sixteen of them, are one user: another gets as many turns', async () => {
    const { join, loop } = start({ handle: tellGroup, limits: { maxSocketsPerUser: 16 } });
    const eves = await Promise.all(usersOf(16).map(() => join('eve')));
    const anna = await join('anna');
    await loop.rest();

    eves.forEach((eve, i) => void eve.say(windowOf(`page ${i}`)));
    void anna.say(windowOf('page'));
    while (anna.of('RECEIPT').length < 32) await loop.goRound();

    const eveCount = eves.reduce((sum, eve) => sum + eve.of('RECEIPT').length, 0);
    expect(eveCount).toBeLessThanOrEqual(33);
    // And hers take turns among themselves.
    const counts = eves.map((eve) => eve.of('RECEIPT').length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
  });

  it('also where each tells one user of a hundred rows of an outbox', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => i + 1);
    const { join, loop, engine } = start({
      handle(_command, { publish }) {
        for (const row of rows) publish(['bert'], { type: 'NEWS', text: row }, { outbox: 'news', row });
      },
    });
    const anna = await join('anna');

    void anna.say(command('page', 1));
    await loop.rest();

    expect(loop.longestMs).toBeLessThan(SLICE_MS + 2 * APPEND_MS);
    expect(await textsOf(engine, 'bert')).toEqual(rows);
  });

  it('keep the order of each socket', async () => {
    const { join, loop, engine } = start({ handle: tellGroup });
    const [anna, bert] = [await join('anna'), await join('bert')];

    for (const [name, peer] of Object.entries({ anna, bert }))
      void peer.say(windowOf('page').map((one, i) => ({ ...one, text: `${name} ${i}` })));
    await loop.rest();

    const texts: string[] = await textsOf(engine, 'member0');
    const of = (name: string) => texts.filter((text) => text.startsWith(name));
    expect(of('anna')).toEqual(windowOf('').map((_, i) => `anna ${i}`));
    expect(of('bert')).toEqual(windowOf('').map((_, i) => `bert ${i}`));
  });
});

describe('what waits for its turn', () => {
  const waiting = async () => {
    const handle = vi.fn<HandleCommand>(tellGroup);
    const started = start({ handle });
    const eve = await started.join('eve');
    const anna = await started.join('anna');
    void eve.say(windowOf('page'));
    void anna.say(windowOf('page'));
    for (let i = 0; i < 3; i += 1) await started.loop.goRound();
    const annasCount = () => handle.mock.calls.filter(([, { userId }]) => userId === 'anna').length;
    return { ...started, handle, eve, anna, annasCount };
  };

  it('is not begun when its socket is closed by us', async () => {
    const { hub, loop, annasCount } = await waiting();

    hub.disconnectUser('anna', 4401, 'unauthenticated');
    const before = annasCount();
    await loop.rest();

    expect(before).toBeGreaterThan(0);
    expect(annasCount()).toBe(before);
  });

  it('still runs when its peer has gone', async () => {
    const { anna, loop, annasCount } = await waiting();

    anna.cut();
    await loop.rest();

    expect(annasCount()).toBe(32);
  });

  it('is not begun when the gateway closes; what runs is finished and receipted, and no timer is left', async () => {
    const { hub, loop, clock, handle, eve, anna } = await waiting();
    const before = handle.mock.calls.length;

    const drained = hub.drain();
    await loop.rest();
    await drained;

    expect(handle.mock.calls.length).toBe(before);
    expect(eve.of('RECEIPT').length + anna.of('RECEIPT').length).toBe(before);
    expect([eve.closeCode, anna.closeCode]).toEqual([1012, 1012]);
    expect(clock.timerCount).toBe(0);
  });

  it('does not keep the gateway from closing: after 2 s it is cut off', async () => {
    const { hub, clock, loop, eve, anna } = await waiting();

    const drained = hub.drain();
    clock.passes(2_000); // the loop never goes round
    await drained;
    expect([eve.closeCode, anna.closeCode]).toEqual([1012, 1012]);

    await loop.rest();
    expect(clock.timerCount).toBe(0);
  });
});

describe('a publish to 2,000 users', () => {
  const USERS = usersOf(2_000);

  it('lets the loop go round', async () => {
    const { hub, loop, work } = start();

    void hub.publish(USERS, { type: 'NEWS' });
    await loop.rest();

    expect(work.appendCount).toBe(2_000);
    expect(loop.longestMs).toBeLessThan(SLICE_MS + 2 * APPEND_MS);
  });

  it('resolves when all have it, and not before', async () => {
    const { hub, loop, work } = start();
    const counts: number[] = [];

    void hub.publish(USERS, { type: 'NEWS' }).then(() => counts.push(work.appendCount));
    await loop.goRound();
    expect(counts).toEqual([]);
    await loop.rest();

    expect(counts).toEqual([2_000]);
  });

  it('is in the log of each before what is published after it, also to the last of them', async () => {
    const { hub, loop, engine } = start();
    const last = ['user1999', 'user1000', 'user0'];

    void hub.publish(USERS, { type: 'NEWS', text: 1 }, { outbox: 'news', row: 1 });
    void hub.publish(last, { type: 'NEWS', text: 2 }, { outbox: 'news', row: 2 });
    await loop.goRound();
    void hub.publish(last, { type: 'NEWS', text: 3 }, { outbox: 'news', row: 3 });
    await loop.rest();

    // A mark lets no lower row in: whoever got row 2 first would never get row 1.
    for (const userId of last) expect(await textsOf(engine, userId)).toEqual([1, 2, 3]);
  });

  it('published twice at once is stored once', async () => {
    const { hub, loop, engine } = start();

    for (let i = 0; i < 2; i += 1)
      void hub.publish(USERS, { type: 'NEWS', text: 1 }, { outbox: 'news', row: 1 });
    await loop.rest();

    const texts = await Promise.all(USERS.map((userId) => textsOf(engine, userId)));
    expect(texts).toEqual(USERS.map(() => [1]));
  });

  it('rejects when one log fails, and only when the others have theirs', async () => {
    const loop = createHeldLoop();
    const { slow } = synchronousEngine(loop);
    const stored: string[] = [];
    const engine: Engine = {
      ...slow,
      async append(userId, ...rest) {
        // The failure comes long before the last turn: nobody must take it for unhandled meanwhile.
        if (userId === 'user1') throw new Error('disk full');
        stored.push(userId);
        return slow.append(userId, ...rest);
      },
    };
    const { hub } = startHub({ engine, clock: loop.clock, nextTurn: loop.nextTurn });
    const outcome = vi.fn();

    void hub.publish(USERS, { type: 'NEWS' }).catch(({ code }) => outcome(code, stored.length));
    await loop.rest();

    expect(outcome).toHaveBeenCalledExactlyOnceWith('engine-failed', 1_999);
  });

  it('takes every second turn, however many users have commands that wait', async () => {
    const { hub, join, loop, work, engine } = start({ handle: tellGroup });
    const attackers = await Promise.all(usersOf(10, 'eve').map(join));
    await loop.rest();
    for (const eve of attackers) void eve.say(windowOf('page'));
    await loop.goRound();
    const before = work.appendCount;

    const users = USERS.slice(0, 100);
    let isDone = false;
    void hub.publish(users, { type: 'NEWS', text: 1 }).then(() => {
      isDone = true;
    });
    while (!isDone) await loop.goRound();

    expect(work.appendCount - before).toBeLessThan(2 * users.length + 10);
    expect(await textsOf(engine, 'user99')).toEqual([1]);
  });
});

describe('a frame to many sockets', () => {
  const USERS = usersOf(300);
  /** Sockets to which each frame takes 0.2 ms to write. */
  const crowd = async (options: Parameters<typeof start>[0] = {}) => {
    const started = start(options);
    const peers = await Promise.all(USERS.map(started.join));
    await started.loop.rest();
    for (const { transport } of peers) {
      const { send } = transport;
      transport.send = (...args) => {
        started.loop.busy(0.2);
        send(...args);
      };
    }
    return { ...started, peers };
  };

  it('lets the loop go round, and reaches each socket once', async () => {
    const { hub, loop, peers } = await crowd();
    const before = loop.longestMs;

    hub.publishVolatile(USERS, { type: 'TYPING' });
    const roundCount = await loop.rest();

    expect(roundCount).toBeGreaterThan(2);
    expect(loop.longestMs).toBeLessThan(Math.max(before, SLICE_MS + 64 * 0.2 + 1));
    expect(peers.map((peer) => peer.of('TYPING').length)).toEqual(peers.map(() => 1));
  });

  it('comes before what is sent after it, on each socket', async () => {
    const { hub, loop, peers } = await crowd();

    hub.publishVolatile(USERS, { type: 'TYPING', text: 1 });
    hub.publishVolatile(['user299'], { type: 'TYPING', text: 2 });
    await loop.goRound();
    hub.publishVolatile(USERS, { type: 'TYPING', text: 3 });
    hub.publishVolatile(['user299'], { type: 'TYPING', text: 4 });
    await loop.rest();

    expect(
      peers
        .at(299)
        ?.of('TYPING')
        .map(({ text }) => text),
    ).toEqual([1, 2, 3, 4]);
    expect(
      peers
        .at(150)
        ?.of('TYPING')
        .map(({ text }) => text),
    ).toEqual([1, 3]);
  });

  it('goes to the sockets that are open when it is published, and to none that opens meanwhile', async () => {
    const { hub, loop, join, peers } = await crowd();

    hub.publishVolatile(USERS, { type: 'TYPING' });
    peers.at(299)?.cut();
    const late = await join('user299');
    await loop.rest();

    expect(late.of('TYPING')).toEqual([]);
    expect(peers.at(299)?.of('TYPING')).toEqual([]);
  });

  it('of a handler comes before its reply, and the receipt last', async () => {
    const { loop, peers } = await crowd({
      handle: (_command, { publishVolatile, reply }) => {
        publishVolatile(USERS, { type: 'TYPING' });
        reply({ type: 'REPLY' });
        publishVolatile(USERS, { type: 'STOPPED' });
      },
    });
    const [last] = peers.slice(-1);

    void last?.say(command('page', 1));
    await loop.rest();

    expect(last?.types.slice(-4)).toEqual(['TYPING', 'REPLY', 'STOPPED', 'RECEIPT']);
  });

  /** Zoe comes, goes and perhaps comes back, all of it while the first change is still going out to the crowd. */
  const zoeComesAndGoes = async ({ andComesBack }: { andComesBack: boolean }) => {
    const { hub, loop, peers, clock } = await crowd({
      presence: { watchers: () => USERS, watched: () => [] },
    });
    const { transport } = peers[0] ?? expect.fail();
    const connects = () =>
      hub.admit(
        { userId: 'zoe', position: EMPTY_POSITION, identify: async () => 'zoe' },
        { ...transport, send: () => {} },
      );
    const zoe = connects();
    await loop.goRound();
    zoe?.transportClosed();
    clock.passes(3_000);
    await settle();
    if (andComesBack) connects();
    await loop.rest();
    return peers.map((peer) =>
      peer.messages.filter(({ userId }) => userId === 'zoe').map(({ type }) => type),
    );
  };

  it('that says who comes and goes tells each the latest last', async () => {
    const told = await zoeComesAndGoes({ andComesBack: false });

    expect(told).toEqual(USERS.map(() => ['USER_ONLINE', 'USER_OFFLINE']));
  });

  it('that says who comes and goes says nothing of one who was back before the last frame was out', async () => {
    const told = await zoeComesAndGoes({ andComesBack: true });

    expect(told).toEqual(USERS.map(() => ['USER_ONLINE']));
  });
});

describe('two thousand sockets that are woken at once', () => {
  it('read their logs in turns, also at a heartbeat', async () => {
    const { connect, hub, loop, clock } = start();
    const peers = await Promise.all(usersOf(500).map(connect));
    for (const peer of peers) {
      await peer.resume(null);
      await loop.rest();
    }
    for (const ms of [7_000, 7_000]) {
      clock.passes(ms);
      await loop.rest();
    }

    expect(loop.longestMs).toBeLessThan(SLICE_MS + 3);
    // Heartbeats are spread over the interval: for some the next one has come, too.
    expect(peers.filter((peer) => peer.of('HEARTBEAT').length >= 1)).toHaveLength(500);
    expect(hub.connectionCount).toBe(500);
  });
});
