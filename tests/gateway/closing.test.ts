import { once } from 'node:events';
import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import { createGateway, memoryEngine } from '../../src/gateway/index.ts';
import { startGateway, tokenOf } from './support/gateway-harness.ts';

describe('close', () => {
  it('closes every socket with 1012, also those it was about to refuse, and leaves the engine open', async () => {
    const engine = memoryEngine();
    const { connect, gateway } = await startGateway({ engine });
    const sockets = [await connect('anna'), await connect('anna'), await connect('bert')];
    await gateway.close();
    for (const { closed } of sockets) expect((await closed).code).toBe(1012);
    expect(gateway.connectionCount).toBe(0);
    await engine.append('anna', ['{"type":"A"}']);
  });

  it('answers the same promise twice', async () => {
    const { gateway } = await startGateway();
    expect(gateway.close()).toBe(gateway.close());
    await gateway.close();
  });

  it('waits 2 s for a peer that does not answer, then drops it', async () => {
    const clock = createVirtualClock();
    const { connect, gateway } = await startGateway({ clock });
    const stalled = await connect('anna');
    stalled.ws.pause();
    const done = vi.fn();
    const closing = gateway.close().then(done);
    clock.passes(1_999);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(done).not.toHaveBeenCalled();
    clock.passes(1);
    await closing;
  });

  it('lets a running command finish within those 2 s', async () => {
    let finish = () => {};
    const { connect, gateway } = await startGateway({
      handle: () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    });
    const anna = await connect('anna');
    anna.send({ type: 'A' });
    await anna.caughtUp();
    const done = vi.fn();
    const closing = gateway.close().then(done);
    await anna.caughtUp();
    expect(done).not.toHaveBeenCalled();
    finish();
    await closing;
    expect((await anna.closed).code).toBe(1012);
  });

  it('gives a command that hangs 1.5 s, closes its socket with 1012 too, and then counts no socket', async () => {
    const clock = createVirtualClock();
    const started = vi.fn();
    const handle = () => {
      started();
      return new Promise<void>(() => {});
    };
    const { connect, gateway } = await startGateway({ clock, handle });
    const anna = await connect('anna');
    anna.send({ type: 'A' });
    await vi.waitFor(() => expect(started).toHaveBeenCalled());
    const closing = gateway.close();
    clock.passes(1_500);
    await closing;
    expect((await anna.closed).code).toBe(1012);
    expect(gateway.connectionCount).toBe(0);
  });

  it('answers upgrades with 503 while it closes, also one whose token is being judged', async () => {
    const clock = createVirtualClock();
    const asked = vi.fn();
    const { connect, dial, gateway } = await startGateway({
      clock,
      authenticate: (token) => {
        asked(token);
        return token === tokenOf('anna') ? Promise.resolve({ userId: 'anna' }) : new Promise(() => {});
      },
    });
    const stalled = await connect('anna');
    stalled.ws.pause();
    const judged = once(dial('bert').ws, 'error');
    await vi.waitFor(() => expect(asked).toHaveBeenCalledWith(tokenOf('bert')));
    const closing = gateway.close();
    const late = once(dial('cleo').ws, 'error');
    for (const [error] of await Promise.all([judged, late])) expect(String(error)).toContain('503');
    expect(asked).not.toHaveBeenCalledWith(tokenOf('cleo'));
    clock.passes(2_000);
    await closing;
  });

  it('leaves no timer and no listener (I10)', async () => {
    const clock = createVirtualClock();
    const { connect, gateway, server } = await startGateway({
      clock,
      presence: { watchers: () => [], watched: () => [] },
    });
    const gone = await connect('bert');
    await connect('anna');
    gone.ws.close();
    await vi.waitFor(() => expect(gateway.connectionCount).toBe(1));
    expect(clock.timerCount).toBeGreaterThan(0);
    await gateway.close();
    expect(clock.timerCount).toBe(0);
    expect(server.listenerCount('upgrade')).toBe(0);
  });

  it('lets a new gateway take over the same server', async () => {
    const { gateway, server, dial } = await startGateway();
    await gateway.close();
    const next = createGateway({
      server,
      engine: memoryEngine(),
      authenticate: async () => ({ userId: 'anna' }),
      allowedOrigins: [],
      handle: () => {},
    });
    await once(dial('anna').ws, 'open');
    expect(next.isOnline('anna')).toBe(true);
    await next.close();
  });
});

describe('disconnectUser', () => {
  it('closes every socket of that user and nobody else', async () => {
    const { connect, gateway } = await startGateway();
    const sockets = [await connect('anna'), await connect('anna')];
    const bert = await connect('bert');
    gateway.disconnectUser('anna', 4401, 'signed out');
    gateway.disconnectUser('nobody', 4401, 'signed out');
    expect(gateway.connectionCount).toBe(1);
    for (const { closed } of sockets) expect(await closed).toEqual({ code: 4401, reason: 'signed out' });
    await bert.caughtUp();
  });

  it.each([
    [1004, ''],
    [1005, ''],
    [1006, ''],
    [999, ''],
    [1015, ''],
    [2000, ''],
    [2999, ''],
    [5000, ''],
    [4401.5, ''],
    [4401, 'ü'.repeat(62)],
  ])('throws bad-option for what a close frame cannot carry: %d "%s"', async (code, reason) => {
    const { connect, gateway } = await startGateway();
    await connect('anna');
    expect(() => gateway.disconnectUser('anna', code, reason)).toThrowError(
      expect.objectContaining({ code: 'bad-option' }),
    );
    expect(gateway.connectionCount).toBe(1);
  });

  it.each([1000, 1003, 1007, 1014, 3000, 4999])('takes what a close frame can carry: %d', async (code) => {
    const { connect, gateway } = await startGateway();
    const anna = await connect('anna');
    const reason = `${'ü'.repeat(61)}x`;
    gateway.disconnectUser('anna', code, reason);
    expect(await anna.closed).toEqual({ code, reason });
  });
});

describe('onError', () => {
  it('that throws does not end the gateway', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { connect } = await startGateway({
      onError: () => {
        throw new Error('logger gone');
      },
    });
    const [anna, bert] = [await connect('anna'), await connect('bert')];
    anna.send('garbage');
    await anna.closed;
    await bert.caughtUp();
    expect(printed).toHaveBeenCalledTimes(1);
    printed.mockRestore();
  });
});
