import { createConnection } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { createFakeServer, createScenario, type ScenarioOptions } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import { MAX_CLIENT_BUFFERED_BYTES } from '../../src/protocol/limits.ts';

const ack = (messageId: string | number) => ({ type: 'ACK', messageId });

const setUp = <M extends { type: string }>(options: ScenarioOptions<M> = {}) => {
  const scenario = createScenario({ ack: true, ...options });
  scenario.connection.connect({ userId: 'ada' });
  scenario.server.accepts();
  const { server, errors } = scenario;
  return {
    ...scenario,
    codes: () => errors.map(({ code }) => code),
    ids: () => (server.received as { messageId?: unknown }[]).map(({ messageId }) => messageId),
  };
};

/** A promise of the app's, to be settled by hand. */
const promised = () => {
  let resolve = (): void => {};
  let reject = (_cause: unknown): void => {};
  const promise = new Promise<void>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
};

const soon = () => new Promise<void>((resolve) => setTimeout(resolve));

describe('ACKs of a plain server', () => {
  it('I15 a server that replies to each ACK with an error that has an id gets 20 a second, not thousands', () => {
    const { server, connection, clock } = setUp();
    connection.onMessage(() => {});
    let id = 0;
    let ackCount = 0;
    // The wire takes no time: each ACK is replied to at once, within the client's own send.
    const { latest } = server;
    const send = latest.send.bind(latest);
    latest.send = (data) => {
      send(data);
      ackCount += 1;
      id += 1;
      queueMicrotask(() => server.sends({ type: 'ERROR', id, why: 'unknown message ACK' }));
    };
    const oneSecond = async () => {
      for (let ms = 0; ms < 1_000; ms += 10) {
        for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
        clock.passes(10);
      }
    };
    server.sends({ type: 'CHAT', id: 'm1' });
    return oneSecond()
      .then(oneSecond)
      .then(() => {
        expect(ackCount).toBeGreaterThan(20);
        expect(ackCount).toBeLessThanOrEqual(20 + 2 * 20 + 1);
      });
  });

  it('leave at once as long as there are few, and together where there are many', () => {
    const { server, connection, clock, ids } = setUp();
    connection.onMessage(() => {});
    for (let id = 1; id <= 300; id += 1) server.sends({ type: 'A', id });
    expect(ids()).toHaveLength(20);
    clock.passes(50);
    expect(ids()).toHaveLength(120);
    clock.passes(1_000);
    expect(ids()).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    server.sends({ type: 'A', id: 301 });
    expect(ids()).toHaveLength(301);
  });

  it('wait while the platform holds more than it should, and are lost with no one', () => {
    const { server, connection, clock, ids } = setUp();
    connection.onMessage(() => {});
    Object.defineProperty(server.latest, 'bufferedAmount', {
      value: MAX_CLIENT_BUFFERED_BYTES + 1,
      configurable: true,
    });
    for (let id = 1; id <= 10; id += 1) server.sends({ type: 'A', id });
    clock.passes(10_000);
    expect(ids()).toEqual([]);
    Object.defineProperty(server.latest, 'bufferedAmount', { value: 0 });
    clock.passes(50);
    expect(ids()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('I15 10,000 may wait; what comes beyond is delivered without one, and told of once', () => {
    const { server, connection, clock, codes, ids } = setUp();
    let heard = 0;
    connection.onMessage(() => {
      heard += 1;
    });
    for (let id = 1; id <= 11_000; id += 1) server.sends({ type: 'A', id });
    expect(heard).toBe(11_000);
    expect(codes()).toEqual(['ack-overflow']);
    clock.passes(20_000);
    expect(ids()).toHaveLength(10_020);
    server.sends({ type: 'A', id: 11_000 });
    expect(heard).toBe(11_000);
    expect(ids().at(-1)).toBe(11_000);
  });

  it('belong to their socket: none goes to the next one, and a repeat gets one there', () => {
    const { server, connection, clock, ids } = setUp({ backoff: () => 0 });
    connection.onMessage(() => {});
    for (let id = 1; id <= 25; id += 1) server.sends({ type: 'A', id });
    server.closes(1006);
    clock.passes(0);
    server.accepts();
    clock.passes(1_000);
    expect(ids()).toEqual([]);
    server.sends({ type: 'A', id: 25 });
    expect(ids()).toEqual([25]);
  });

  it.each([
    ['without delivery', {}],
    ['with delivery', { delivery: durableDelivery() }],
  ])(
    '%s: what came before a logout is new to the same user after it, and was not before a disconnect',
    (_, options) => {
      const { connection, server, clock } = setUp(options);
      const heard = vi.fn();
      connection.on('CHAT', heard);
      const comes = (): void => {
        server.sends({ type: 'CHAT', id: 'm1' });
        clock.passes(3_000);
      };
      const comesAgain = (): void => {
        connection.connect({ userId: 'ada' });
        server.accepts();
        comes();
      };
      comes();
      connection.disconnect();
      comesAgain();
      expect(heard).toHaveBeenCalledOnce();
      // The app forgets what it made of it, as it does with the user.
      connection.logout();
      comesAgain();
      expect(heard).toHaveBeenCalledTimes(2);
      expect(server.received).toEqual([ack('m1')]);
    },
  );

  it('I10 leave no timer behind after dispose', () => {
    vi.useFakeTimers();
    const server = createFakeServer();
    const connection = createConnection({
      url: 'wss://server.test/',
      WebSocket: server.WebSocket,
      ack: true,
    });
    connection.connect({ userId: 'ada' });
    server.accepts();
    connection.on('A', () => {});
    connection.on('B', () => promised().promise);
    for (let id = 1; id <= 30; id += 1) server.sends({ type: 'A', id }, { type: 'B', id: `${id}` });
    expect(vi.getTimerCount()).toBeGreaterThan(30);
    connection.dispose();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});

describe('a listener that returns a promise', () => {
  it('I6 has its message acknowledged when that has resolved', async () => {
    const { server, connection, ids } = setUp();
    const saved = promised();
    connection.on('A', () => saved.promise);
    connection.on('B', () => {});
    server.sends({ type: 'A', id: 'a' }, { type: 'B', id: 'b' });
    await soon();
    expect(ids()).toEqual(['b']);
    saved.resolve();
    await soon();
    expect(ids()).toEqual(['b', 'a']);
  });

  it('waits for all of them, and for those of onMessage', async () => {
    const { server, connection, ids } = setUp();
    const all = [promised(), promised()];
    connection.on('A', () => all[0]?.promise);
    connection.onMessage(() => all[1]?.promise);
    server.sends({ type: 'A', id: 'a' });
    all[1]?.resolve();
    await soon();
    expect(ids()).toEqual([]);
    all[0]?.resolve();
    await soon();
    expect(ids()).toEqual(['a']);
  });

  it('that rejects is reported, ends no process, and its message is acknowledged as one whose listener threw', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const { server, connection, codes, errors, ids } = setUp();
    const cause = new Error('mine');
    connection.on('A', async () => {
      throw cause;
    });
    server.sends({ type: 'A', id: 'a' });
    await soon();
    await soon();
    process.off('unhandledRejection', unhandled);
    expect(codes()).toEqual(['listener-failed']);
    expect(errors[0]?.cause).toBe(cause);
    expect(ids()).toEqual(['a']);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('that never settles holds the ACK back for 30 s, then it is reported and the ACK leaves', async () => {
    const { server, connection, clock, codes, ids } = setUp({ heartbeat: false });
    connection.on('A', () => promised().promise);
    server.sends({ type: 'A', id: 'a' });
    clock.passes(29_999);
    expect([ids(), codes()]).toEqual([[], []]);
    clock.passes(1);
    expect([ids(), codes()]).toEqual([['a'], ['listener-failed']]);
  });

  it('I4 a repeat of what is not done runs nothing, and is acknowledged once, when it is done', async () => {
    const { server, connection, clock, ids } = setUp({ backoff: () => 0 });
    const saved = promised();
    const save = vi.fn(() => saved.promise);
    connection.on('A', save);
    server.sends({ type: 'A', id: 'a' });
    server.closes(1006);
    clock.passes(0);
    server.accepts();
    server.sends({ type: 'A', id: 'a' });
    expect(ids()).toEqual([]);
    saved.resolve();
    await soon();
    expect(save).toHaveBeenCalledTimes(1);
    expect(ids()).toEqual(['a']);
  });

  it('I14 that resolves after a change of user has nothing acknowledged in the name of the next', async () => {
    const { server, connection, ids } = setUp();
    const saved = promised();
    connection.on('A', () => saved.promise);
    server.sends({ type: 'A', id: 'a' });
    connection.connect({ userId: 'ben' });
    server.accepts();
    saved.resolve();
    await soon();
    expect(ids()).toEqual([]);
  });

  it('may return anything else: a thenable that throws, an object whose then throws, a number', async () => {
    const { server, connection, codes, ids } = setUp();
    const cursed = {
      get then(): unknown {
        throw new Error('mine');
      },
    };
    connection.on('A', () => ({
      then: () => {
        throw new Error('mine');
      },
    }));
    connection.on('B', () => cursed);
    connection.on('C', () => 5);
    server.sends({ type: 'A', id: 'a' }, { type: 'B', id: 'b' }, { type: 'C', id: 'c' });
    expect(ids()).toEqual(['b', 'c']);
    await soon();
    expect(ids()).toEqual(['b', 'c', 'a']);
    expect(codes()).toEqual(['listener-failed']);
  });
});

describe('ACKs of a log', () => {
  const setUpLive = (window = 32) => {
    const scenario = setUp({ heartbeat: false, delivery: durableDelivery() });
    scenario.server.welcomes({ window });
    scenario.server.resumes();
    return {
      ...scenario,
      acks: () =>
        (scenario.server.received as { type: string }[]).filter(({ type }) => type === 'ACK').slice(1),
    };
  };

  it('I5 I6 the next message does not wait for the promise of the one before it, the ACK of both does', async () => {
    const { server, connection, clock, acks } = setUpLive();
    const saved = promised();
    const heard: unknown[] = [];
    connection.on('SAVE', () => {
      heard.push('SAVE');
      return saved.promise;
    });
    connection.on('CHAT', () => void heard.push('CHAT'));
    server.publishes({ type: 'CHAT' }, { type: 'SAVE' }, { type: 'CHAT' });
    expect(heard).toEqual(['CHAT', 'SAVE', 'CHAT']);
    clock.passes(10_000);
    expect(acks()).toEqual([ack('m1')]);
    saved.resolve();
    await soon();
    clock.passes(250);
    expect(acks()).toEqual([ack('m1'), ack('m3')]);
  });

  it('what is settled out of order is acknowledged in order', async () => {
    const { server, connection, clock, acks } = setUpLive();
    const saves = [promised(), promised()];
    let count = 0;
    connection.on('SAVE', () => saves[count++]?.promise);
    server.publishes({ type: 'SAVE' }, { type: 'SAVE' });
    saves[1]?.resolve();
    await soon();
    clock.passes(1_000);
    expect(acks()).toEqual([]);
    saves[0]?.resolve();
    await soon();
    clock.passes(250);
    expect(acks()).toEqual([ack('m2')]);
  });

  it('a promise that never settles holds them back for 30 s', () => {
    const { server, connection, clock, acks, codes } = setUpLive();
    connection.on('SAVE', () => promised().promise);
    server.publishes({ type: 'SAVE' });
    clock.passes(29_999);
    expect(acks()).toEqual([]);
    clock.passes(251);
    expect(acks()).toEqual([ack('m1')]);
    expect(codes()).toEqual(['listener-failed']);
  });

  it('one that rejects is reported, and not skipped: its listener ran', async () => {
    const { server, connection, clock, acks, codes } = setUpLive();
    connection.on('SAVE', async () => {
      throw new Error('mine');
    });
    server.publishes({ type: 'SAVE' });
    await soon();
    clock.passes(250);
    expect(acks()).toEqual([ack('m1')]);
    expect(codes()).toEqual(['listener-failed']);
  });

  it('I15 no more than a window waits for promises, whatever a server sends', () => {
    const { server, connection, clock, acks } = setUpLive(4);
    connection.on('SAVE', () => promised().promise);
    for (let n = 0; n < 10; n += 1) server.publishes({ type: 'SAVE' });
    clock.passes(250);
    expect(acks().at(-1)).toEqual(ack('m6'));
  });

  it('I4 what is not settled when the socket is cut is not applied again by the next', async () => {
    const { server, connection, clock } = setUpLive();
    const saved = promised();
    const save = vi.fn(() => saved.promise);
    connection.on('SAVE', save);
    server.publishes({ type: 'SAVE' });
    server.closes(1006);
    clock.passes(1_000);
    server.accepts();
    server.welcomes();
    expect(server.received).toEqual([{ type: 'RESUME', after: 'm1' }]);
    server.resumes();
    saved.resolve();
    await soon();
    clock.passes(1_000);
    expect(save).toHaveBeenCalledTimes(1);
    expect(server.received).toHaveLength(1);
  });

  it('says once per type that nobody listens, and skips each of its messages', () => {
    const { server, clock, acks, codes } = setUpLive();
    for (let n = 0; n < 300; n += 1) server.publishes({ type: 'UNHEARD' });
    clock.passes(250);
    expect(codes()).toEqual(['message-skipped']);
    expect(acks().at(-1)).toEqual(ack('m300'));
  });
});

it('promises of a listener that never settle are reported once, and each message is acknowledged after 30 s', () => {
  const { server, connection, clock, codes, ids } = setUp();
  connection.on('A', () => new Promise(() => {}));
  for (let id = 0; id < 50; id += 1) server.sends({ type: 'A', id });
  clock.passes(60_000);
  expect([codes(), ids().length]).toEqual([['listener-failed'], 50]);
  connection.dispose();
});
