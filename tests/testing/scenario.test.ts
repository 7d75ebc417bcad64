import { createConnection } from 'statesocket';
import { createFakeServer, createScenario, FakeSocket, type ScenarioOptions } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';

const openScenario = (options: ScenarioOptions<{ type: string }> = {}) => {
  const scenario = createScenario(options);
  scenario.connection.connect({ userId: 'ada' });
  scenario.server.accepts();
  return scenario;
};

describe('a scenario', () => {
  it('dials nothing before connect, and opens when the server accepts', () => {
    const { connection, server, clock } = createScenario();
    expect([server.sockets, clock.timerCount]).toEqual([[], 0]);
    expect(() => server.accepts()).toThrow('Call connect() first');
    connection.connect({ userId: 'ada' });
    expect(connection.status).toBe('connecting');
    server.accepts();
    expect(connection.status).toBe('open');
    expect(() => server.accepts()).toThrow('Only a socket that is connecting can be accepted');
  });

  it('runs every timer of the connection on its clock', () => {
    const { connection, clock } = createScenario({ backoff: () => 60_000 });
    connection.connect({ userId: 'ada' });
    clock.passes(10_000);
    expect(connection.status).toBe('backoff');
    connection.dispose();
    expect(clock.timerCount).toBe(0);
  });

  it('takes the mean of a jitter, and lets a test choose', () => {
    const mean = openScenario();
    mean.network.cuts();
    expect(mean.connection.getSnapshot().nextRetryAt).toBe(675);
    const least = openScenario({ random: () => 0 });
    least.network.cuts();
    expect(least.connection.getSnapshot().nextRetryAt).toBe(450);
  });

  it('wires a connection that the app makes itself', () => {
    const made = createScenario((wiring) =>
      createConnection({ ...wiring, url: ({ token }) => `wss://app.test/${token}`, getToken: () => 'mine' }),
    );
    made.fires({ type: 'user.connect', userId: 'ada' });
    expect(made.server.latest.url).toBe('wss://app.test/mine');
    made.server.closes(1006);
    expect(made.connection.status).toBe('backoff');
  });

  it('keeps what the connection reports', () => {
    const { connection, errors } = createScenario();
    connection.send({ type: 'X' });
    expect(errors.map(({ code }) => code)).toEqual(['not-connected']);
  });

  it.each([
    ['refuses', 'backoff', 1006, false],
    ['closes', 'backoff', 1013, true],
  ] as const)('tells of a server that %s as a browser does', (act, status, code, wasClean) => {
    const { connection, server } = createScenario();
    connection.connect({ userId: 'ada' });
    if (act === 'refuses') server.refuses();
    else {
      server.accepts();
      server.closes(1013, 'busy');
    }
    expect(connection.status).toBe(status);
    expect(connection.getSnapshot().lastEnd).toMatchObject({ code, wasClean });
  });
});

describe('what is sent', () => {
  it('arrives within the call, both ways', () => {
    const { connection, server } = openScenario({ ack: true });
    const heard = vi.fn();
    connection.onMessage(heard);
    server.sends({ type: 'A', id: 'm1' });
    server.sendsText('{"type":"B"}');
    server.sendsBytes(new Uint8Array([7]).buffer);
    connection.send({ type: 'C' });
    expect(heard.mock.calls.map(([message]) => message.type)).toEqual(['A', 'B', 'binary']);
    expect(server.received).toEqual([{ type: 'ACK', messageId: 'm1' }, { type: 'C' }]);
  });

  it('waits while the network stalls, and arrives in order when it recovers', () => {
    const { connection, server, network } = openScenario();
    const heard = vi.fn();
    connection.onMessage(heard);
    network.stalls();
    server.sends({ type: 'A' });
    server.closes(1000);
    connection.send({ type: 'C' });
    expect([heard.mock.calls, server.received, connection.status]).toEqual([[], [], 'open']);
    network.recovers();
    expect(heard).toHaveBeenCalledWith({ type: 'A' });
    expect(server.received).toEqual([{ type: 'C' }]);
    expect(connection.status).toBe('backoff');
  });

  it('never arrives on a socket that the client has left', () => {
    const { connection, server, network } = openScenario();
    const heard = vi.fn();
    connection.onMessage(heard);
    network.stalls();
    server.sends({ type: 'A' });
    connection.connect({ userId: 'ben' });
    network.recovers();
    expect(heard).not.toHaveBeenCalled();
  });
});

describe('a half-open connection', () => {
  it('is found within 20 s by a server that falls silent after two heartbeats', () => {
    const { connection, server, clock } = openScenario();
    server.sends({ type: 'HEARTBEAT' }, { type: 'HEARTBEAT' });
    server.stalls();
    clock.passes(19_999);
    expect(connection.status).toBe('open');
    clock.passes(1);
    expect(connection.getSnapshot()).toMatchObject({ status: 'connecting', lastEnd: { cause: 'silent' } });
    expect(server.live).toHaveLength(1);
  });

  it('is not seen in a machine that slept: what is late proves nothing', () => {
    const { connection, server, clock } = openScenario();
    server.sends({ type: 'HEARTBEAT' }, { type: 'HEARTBEAT' });
    clock.sleeps(3_600_000);
    expect(connection.status).toBe('open');
  });
});

describe('the network and the page', () => {
  it('goes offline as in a browser: no close, and a new socket is refused, until it comes back', async () => {
    const { connection, server, network } = openScenario();
    network.goesOffline();
    expect(connection.status).toBe('open');
    connection.connect({ userId: 'ben' });
    await Promise.resolve();
    expect(connection.actor.getSnapshot().value).toEqual({ backoff: 'offline' });
    network.comesBack();
    server.accepts();
    expect(connection.status).toBe('open');
  });

  it('suspends and resumes', () => {
    const { connection, server, page } = openScenario();
    page.freezes();
    expect([connection.status, server.live]).toEqual(['backoff', []]);
    page.resumes();
    expect(connection.status).toBe('connecting');
    page.freezes();
    page.isShown();
    expect(connection.status).toBe('connecting');
  });
});

describe('a fake socket', () => {
  it('refuses to send while it connects, and drops what is sent after its close', () => {
    const server = createFakeServer();
    const socket = new server.WebSocket('wss://x.test/');
    expect(() => socket.send('x')).toThrow('InvalidStateError');
    server.accepts();
    socket.send('no JSON');
    socket.close(1000);
    socket.send('late');
    expect(server.received).toEqual(['no JSON']);
  });

  it('closes in a later turn, cleanly where it was open', async () => {
    const closes: unknown[] = [];
    const listen = (socket: FakeSocket) => {
      socket.onerror = () => closes.push('error');
      socket.onclose = (close) => closes.push(close);
      return socket;
    };
    const open = listen(new FakeSocket('wss://x.test/'));
    open.deliver.open();
    open.close(1000);
    expect([closes, open.readyState]).toEqual([[], 2]);
    await Promise.resolve();
    listen(new FakeSocket('wss://x.test/')).close();
    await Promise.resolve();
    expect(closes).toEqual([
      { code: 1000, reason: '', wasClean: true },
      'error',
      { code: 1006, reason: '', wasClean: false },
    ]);
  });

  it('is silent after its close', () => {
    const socket = new FakeSocket('wss://x.test/');
    const heard = vi.fn();
    socket.onmessage = heard;
    socket.onclose = heard;
    socket.deliver.open();
    socket.deliver.close(1006, false);
    socket.deliver.frame('late');
    socket.deliver.close(1000, true);
    expect(heard).toHaveBeenCalledOnce();
  });
});
