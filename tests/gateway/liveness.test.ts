import { createVirtualClock, type VirtualClock } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import { memoryEngine } from '../../src/gateway/index.ts';
import { type Client, startGateway, userOf } from './support/gateway-harness.ts';

/** One heartbeat; its pings are answered when this resolves. */
const beat = async (clock: VirtualClock, heartbeatMs: number, clients: readonly Client[]) => {
  clock.passes(heartbeatMs);
  for (const { caughtUp, closed } of clients) {
    // The first trip brings the ping, the second takes the pong.
    const answered = caughtUp().then(caughtUp);
    await Promise.race([answered.catch(() => {}), closed]);
  }
};

/** A gateway whose tokens can be judged otherwise while it runs. */
const startRevocable = async (options: Parameters<typeof startGateway>[0] = {}) => {
  const clock = createVirtualClock();
  let authenticate = async (token: string) => userOf(token);
  const harness = await startGateway({ clock, authenticate: (token) => authenticate(token), ...options });
  return {
    ...harness,
    clock,
    /** From now on every token is judged like this. */
    judge(next: typeof authenticate) {
      authenticate = next;
    },
    /** Heartbeats until there is no socket left; answers how many ms that took. */
    async untilClosed(heartbeatMs: number, clients: readonly Client[]): Promise<number> {
      const startedAt = clock.now();
      while (harness.gateway.connectionCount > 0 && clock.now() - startedAt < 600_000)
        await beat(clock, heartbeatMs, clients);
      return clock.now() - startedAt;
    },
  };
};

describe('the heartbeat', () => {
  it('reaches every socket every 14 s by default', async () => {
    const clock = createVirtualClock();
    const { connect } = await startGateway({ clock });
    const anna = await connect('anna');
    const pings = vi.fn();
    anna.ws.on('ping', pings);
    clock.passes(13_999);
    await anna.caughtUp();
    expect(anna.frames).toEqual([]);
    for (let count = 1; count <= 3; count += 1) {
      await beat(clock, count === 1 ? 1 : 14_000, [anna]);
      expect(anna.frames).toEqual(Array.from({ length: count }, () => ({ type: 'HEARTBEAT' })));
      expect(pings).toHaveBeenCalledTimes(count);
    }
  });

  it('keeps a peer that answers and drops one that does not, without waiting for its close', async () => {
    const clock = createVirtualClock();
    const { connect, gateway } = await startGateway({ clock });
    const alive = await connect('anna');
    const dead = await connect('bert', { autoPong: false });
    for (let count = 1; count <= 4; count += 1) await beat(clock, 14_000, [alive]);
    expect((await dead.closed).code).toBe(1006);
    expect(gateway.connectionCount).toBe(1);
    expect(dead.of('HEARTBEAT')).toHaveLength(1);
  });

  it('delivers what a lost doorbell has left in the log', async () => {
    const clock = createVirtualClock();
    const engine = memoryEngine();
    const { connect, gateway } = await startGateway({
      clock,
      engine: { ...engine, subscribe: () => () => {} },
    });
    const anna = await connect('anna');
    await gateway.publish(['anna'], { type: 'NEW_MESSAGE' });
    await anna.caughtUp();
    expect(anna.of('NEW_MESSAGE')).toEqual([]);
    clock.passes(14_000);
    await vi.waitFor(() => expect(anna.of('NEW_MESSAGE')).toHaveLength(1));
  });
});

describe('a token that is revoked while its sockets are open', () => {
  it.each([14_000, 30_000])(
    'closes all of them with 4401 within 60 s, at a heartbeat of %d ms (I20)',
    async (heartbeatMs) => {
      const { connect, judge, untilClosed } = await startRevocable({ heartbeatMs });
      const sockets = [await connect('anna'), await connect('anna')];
      judge(async () => null);
      expect(await untilClosed(heartbeatMs, sockets)).toBeLessThanOrEqual(60_000);
      for (const socket of sockets)
        expect(await socket.closed).toEqual({ code: 4401, reason: 'unauthenticated' });
    },
  );

  it.each([14_000, 30_000])(
    'closes them within 60 s also when authenticate never answers again, at %d ms (I20)',
    async (heartbeatMs) => {
      const { connect, judge, untilClosed, errors } = await startRevocable({ heartbeatMs });
      const anna = await connect('anna');
      judge(() => new Promise(() => {}));
      expect(await untilClosed(heartbeatMs, [anna])).toBeLessThanOrEqual(60_000);
      expect((await anna.closed).code).toBe(1013);
      expect(errors.map((error) => error.code)).toEqual(['authenticate-failed']);
    },
  );

  it('closes them with 1013 when authenticate throws, reported once a socket', async () => {
    const { connect, judge, untilClosed, errors } = await startRevocable();
    const anna = await connect('anna');
    judge(async () => {
      throw new Error('database gone');
    });
    await untilClosed(14_000, [anna]);
    expect((await anna.closed).code).toBe(1013);
    expect(errors.map((error) => error.code)).toEqual(['authenticate-failed']);
  });

  it('closes them with 4401 when the token now names another user (I14)', async () => {
    const { connect, judge, untilClosed } = await startRevocable();
    const anna = await connect('anna');
    judge(async () => ({ userId: 'bert' }));
    await untilClosed(14_000, [anna]);
    expect((await anna.closed).code).toBe(4401);
  });

  it('runs none of the commands that were waiting', async () => {
    const started: string[] = [];
    let finish = () => {};
    const { connect, judge, untilClosed } = await startRevocable({
      handle(command) {
        started.push(command.kind === 'message' ? command.message.type : '');
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
    });
    const anna = await connect('anna');
    anna.send([{ type: '1' }, { type: '2' }]);
    await anna.caughtUp();
    judge(async () => null);
    await untilClosed(14_000, [anna]);
    finish();
    await anna.closed;
    await new Promise((resolve) => setImmediate(resolve));
    expect(started).toEqual(['1']);
  });

  it('is told apart: authenticate hears that a socket connects, and at each heartbeat that it lives on its token', async () => {
    const clock = createVirtualClock();
    const authenticate = vi.fn(async (token: string) => userOf(token));
    const { connect } = await startGateway({ clock, authenticate });
    const anna = await connect('anna');
    for (let count = 1; count <= 2; count += 1) await beat(clock, 14_000, [anna]);
    expect(authenticate.mock.calls.map((call: unknown[]) => call[1])).toEqual(['connect', 'check', 'check']);
  });

  it('leaves sockets with a good token alone', async () => {
    const { connect, clock, gateway } = await startRevocable();
    const anna = await connect('anna');
    for (let count = 1; count <= 6; count += 1) await beat(clock, 14_000, [anna]);
    expect(gateway.connectionCount).toBe(1);
  });
});

describe('a consumer that is too slow', () => {
  it('is closed with 4408 when more than maxBufferedBytes wait for it (I15)', async () => {
    const clock = createVirtualClock();
    const { connect, gateway } = await startGateway({ clock, maxBufferedBytes: 1_000_000 });
    const [slow, quick] = [await connect('anna'), await connect('bert')];
    slow.ws.pause();
    let sentCount = 0;
    while (gateway.isOnline('anna') && gateway.connectionCount === 2 && sentCount < 1_000) {
      gateway.publishBinary(['anna', 'bert'], new Uint8Array(500_000));
      sentCount += 1;
      await quick.caughtUp();
    }
    expect(gateway.connectionCount).toBe(1);
    slow.ws.resume();
    expect((await slow.closed).code).toBe(4408);
    await quick.caughtUp();
  });

  it('is dropped after 2 s when it does not even read its close', async () => {
    const clock = createVirtualClock();
    const { connect, gateway, server } = await startGateway({ clock });
    const connectionCount = () =>
      new Promise<number>((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      );
    const slow = await connect('anna');
    slow.ws.pause();
    gateway.disconnectUser('anna', 4408, 'too slow');
    clock.passes(1_999);
    expect(await connectionCount()).toBe(1);
    clock.passes(1);
    await vi.waitFor(async () => expect(await connectionCount()).toBe(0));
  });

  it('gets every durable message all the same: what waits stays in the log (I5)', async () => {
    const clock = createVirtualClock();
    const { connect, gateway } = await startGateway({ clock, maxBufferedBytes: 200_000 });
    const slow = await connect('anna');
    slow.ws.pause();
    const padding = 'x'.repeat(50_000);
    for (let n = 0; n < 300; n += 1)
      await gateway.publish(['anna'], { type: 'NEW_MESSAGE', n: 0, payload: n, padding });
    slow.ws.resume();
    await vi.waitFor(() => expect(slow.frames).toHaveLength(300), { timeout: 10_000 });
    expect(slow.frames.map((frame) => frame.payload)).toEqual(Array.from({ length: 300 }, (_, n) => n));
  }, 15_000);
});
