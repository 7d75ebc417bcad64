import type { WireMessage } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { createScenario, type ScenarioOptions } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';

/** A server says what its close means before it closes, since a platform may hide the code. */

const STABLE_MS = 5_000;

const setUp = (options: ScenarioOptions<WireMessage> = {}) => {
  const scenario = createScenario({ random: () => 0.5, ...options });
  scenario.connection.connect({ userId: 'ada' });
  scenario.server.accepts();
  scenario.clock.passes(STABLE_MS + 2_000);
  const codes = () => scenario.errors.map(({ code }) => code);
  const state = () => JSON.stringify(scenario.connection.actor.getSnapshot().value);
  return { ...scenario, codes, state };
};

const closing = (code: number, minDelayMs?: number) => ({
  type: 'CLOSING',
  ext: 'statesocket',
  code,
  ...(minDelayMs === undefined ? {} : { minDelayMs }),
});

describe('an engine hides the code of a close', () => {
  it('and the advice of a busy server is kept all the same: 10 s', () => {
    const { server, connection, clock } = setUp({ backoff: () => 0 });
    server.sends(closing(1013));
    server.closes(1006);
    expect(connection.getSnapshot().lastEnd).toMatchObject({ code: 1013, wasClean: true });
    clock.passes(9_999);
    expect(server.sockets.length).toBe(1);
    clock.passes(1);
    expect(server.sockets.length).toBe(2);
  });

  it('and the clients of a server that restarts are spread, not sent into backoff', () => {
    const { server, state } = setUp();
    server.sends(closing(1012));
    server.closes(1006);
    expect(state()).toBe('{"backoff":"spreading"}');
  });

  it.each([1005, 1015, 5000, 0])('as %i: no close frame can carry that code', (shown) => {
    const { server, connection } = setUp();
    server.sends(closing(4403));
    server.closes(shown);
    expect(connection.getSnapshot()).toMatchObject({ status: 'failed', lastEnd: { code: 4403 } });
  });

  it('and asks for more time than its code does', () => {
    const { server, clock } = setUp({ backoff: () => 0 });
    server.sends(closing(1012, 45_000));
    server.closes(1006);
    clock.passes(44_999);
    expect(server.sockets.length).toBe(1);
    clock.passes(1);
    expect(server.sockets.length).toBe(2);
  });
});

describe('an engine shows the code of a close', () => {
  it('which counts, where it is another than was announced', () => {
    const { server, connection } = setUp();
    server.sends(closing(1013, 60_000));
    server.closes(4409);
    expect(connection.getSnapshot()).toMatchObject({ status: 'failed', lastEnd: { code: 4409 } });
  });

  it('and the wait that was asked for is kept', () => {
    const { server, clock } = setUp({ backoff: () => 0 });
    server.sends(closing(1013, 60_000));
    server.closes(1013);
    clock.passes(59_999);
    expect(server.sockets.length).toBe(1);
    clock.passes(1);
    expect(server.sockets.length).toBe(2);
  });
});

describe('a close that was announced does not come', () => {
  it('and the client leaves the socket after 1.5 s, as if it had', () => {
    const { server, connection, clock } = setUp();
    server.sends(closing(1013));
    clock.passes(1_499);
    expect(connection.status).toBe('open');
    clock.passes(1);
    expect(connection.status).toBe('backoff');
    expect(connection.getSnapshot().lastEnd).toMatchObject({ code: 1013, reason: '' });
    expect(server.live).toEqual([]);
  });

  it('I10 and no timer is left of it where the app leaves first', () => {
    const { server, connection, clock } = setUp();
    server.sends(closing(1013));
    connection.logout();
    clock.passes(600_000);
    expect(connection.status).toBe('loggedOut');
    expect(server.sockets.length).toBe(1);
  });
});

describe('a CLOSING', () => {
  it('reaches no listener, has no ACK and is reported by nobody', () => {
    const { server, connection, errors } = setUp({ ack: (message) => message.id as string });
    const heard = vi.fn();
    connection.onMessage(heard);
    connection.on('CLOSING', heard);
    server.sends({ ...closing(1013), id: 'x' });
    server.sends([{ type: 'A' }, closing(1012)]);
    expect(heard.mock.calls.map(([{ type }]) => type)).toEqual(['A']);
    expect(server.received).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('without ext is a plain message of the server, and its close means what it shows', () => {
    const { server, connection } = setUp();
    const heard = vi.fn();
    connection.on('CLOSING', heard);
    server.sends({ type: 'CLOSING', code: 4403 });
    expect(heard).toHaveBeenCalledWith({ type: 'CLOSING', code: 4403 });
    server.closes(1006);
    expect(connection.status).toBe('backoff');
  });

  it('with nonsense in it is reported, and changes nothing', () => {
    const { server, connection, clock, codes } = setUp();
    server.sends(closing(4500), closing(1013, -1));
    expect(codes()).toEqual(['malformed-frame', 'malformed-frame']);
    clock.passes(10_000);
    expect(connection.status).toBe('open');
  });

  it('counts once: what follows it cannot change it', () => {
    const { server, connection } = setUp();
    server.sends(closing(1013), closing(4403));
    server.closes(1006);
    expect(connection.getSnapshot().lastEnd).toMatchObject({ code: 1013 });
  });

  it('of the last socket says nothing of the next', () => {
    const { server, connection, clock } = setUp();
    server.sends(closing(1012));
    server.closes(1006);
    clock.passes(2_000);
    server.accepts();
    server.closes(1006);
    expect(connection.getSnapshot().lastEnd).toMatchObject({ code: 1006, wasClean: false });
  });

  it('before anything else does not make its server a plain one (I12)', () => {
    const { server, connection, clock } = createScenario({
      delivery: durableDelivery({ durable: () => true }),
    });
    connection.connect({ userId: 'ada' });
    server.accepts();
    connection.send({ type: 'SAY', text: 'a' });
    server.sends(closing(1013));
    expect(connection.delivery.getSnapshot().status).toBe('negotiating');
    clock.passes(1_500);
    expect(connection.status).toBe('backoff');
    expect(server.received).toEqual([]);
  });

  it('on a socket of the extension is obeyed as on a plain one', () => {
    const { server, connection, clock } = createScenario({ delivery: durableDelivery() });
    connection.connect({ userId: 'ada' });
    server.accepts();
    server.welcomes();
    server.resumes();
    clock.passes(STABLE_MS);
    server.sends(closing(1013));
    server.closes(1006);
    expect(connection.getSnapshot().lastEnd).toMatchObject({ code: 1013 });
  });
});
