import { createConnection } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { createFakeServer, createScenario } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';

const setUp = (options: Parameters<typeof createScenario>[0] = {}) => {
  const scenario = createScenario(options);
  return { ...scenario, codes: () => scenario.errors.map(({ code }) => code) };
};

const SUBSCRIBE = { type: 'SUBSCRIBE', channel: 'news' };

describe('onOpen', () => {
  it('runs once for each opened socket, when send works, however often the snapshot changes', () => {
    const { connection, server, clock } = setUp({ backoff: () => 1_000 });
    connection.onOpen(() => expect(connection.send(SUBSCRIBE)).toBe('sent'));
    connection.connect({ userId: 'ada' });
    expect(server.received).toEqual([]);
    server.accepts();
    expect(server.received).toEqual([SUBSCRIBE]);
    clock.passes(60_000);
    for (let round = 0; round < 3; round += 1) {
      server.closes(1006);
      clock.passes(1_000);
      server.accepts();
      // It becomes stable, the retry count is set to 0: a change of the snapshot, and no new socket.
      const changes = vi.fn();
      const stop = connection.subscribe(changes);
      clock.passes(6_000);
      stop();
      expect(changes).toHaveBeenCalled();
      expect(server.received).toEqual([SUBSCRIBE]);
    }
  });

  it('runs after the subscribers, which see the status open, and before any message', () => {
    const { connection, server } = setUp();
    const story: string[] = [];
    connection.onOpen(() => story.push(`onOpen: ${connection.status}`));
    connection.subscribe(() => story.push(connection.status));
    connection.onMessage(({ type }) => story.push(type));
    connection.connect({ userId: 'ada' });
    server.accepts();
    server.sends({ type: 'FIRST' });
    expect(story).toEqual(['connecting', 'open', 'onOpen: open', 'FIRST']);
  });

  it('runs before what a server says in the same turn as it accepts', () => {
    const { connection, server } = setUp();
    const story: string[] = [];
    connection.onOpen(() => {
      story.push('onOpen');
      server.sends({ type: 'REPLY' });
    });
    connection.onMessage(({ type }) => story.push(type));
    connection.onOpen(() => story.push('second onOpen'));
    connection.connect({ userId: 'ada' });
    server.accepts();
    server.sends({ type: 'FIRST' });
    expect(story[0]).toBe('onOpen');
    expect(story.at(-1)).toBe('FIRST');
    expect(story).toContain('second onOpen');
  });

  it('reports a listener that throws or rejects, and runs the others', async () => {
    const { connection, server, codes } = setUp();
    const other = vi.fn();
    connection.onOpen(() => {
      throw new Error('mine');
    });
    connection.onOpen(async () => {
      throw new Error('mine too');
    });
    connection.onOpen(other);
    connection.connect({ userId: 'ada' });
    server.accepts();
    await new Promise((resolve) => setTimeout(resolve));
    expect(other).toHaveBeenCalledTimes(1);
    expect(codes()).toEqual(['listener-failed', 'listener-failed']);
    expect(connection.status).toBe('open');
  });

  it('I14 after a listener that logs out the rest hears nothing of that socket', () => {
    const { connection, server, codes } = setUp();
    const rest = vi.fn();
    connection.onOpen(() => connection.logout());
    connection.onOpen(rest);
    connection.connect({ userId: 'ada' });
    server.accepts();
    expect(rest).not.toHaveBeenCalled();
    expect(connection.status).toBe('loggedOut');
    expect(connection.delivery.getSnapshot().status).toBe('waiting');
    expect(codes()).toEqual([]);
  });

  it('I14 does not run for a socket that a subscriber has ended as it opened', () => {
    const { connection, server } = setUp();
    const listener = vi.fn();
    connection.onOpen(listener);
    connection.subscribe(() => {
      if (connection.status === 'open' && connection.userId === 'ada') connection.connect({ userId: 'ben' });
    });
    connection.connect({ userId: 'ada' });
    server.accepts();
    expect(listener).not.toHaveBeenCalled();
    server.accepts();
    expect(listener).toHaveBeenCalledTimes(1);
    expect(connection.userId).toBe('ben');
  });

  it('one that is removed by another does not run, one that is added waits for the next socket', () => {
    const { connection, server, clock } = setUp({ backoff: () => 1_000 });
    const removed = vi.fn();
    const added = vi.fn();
    let isFirst = true;
    connection.onOpen(() => {
      stop();
      if (isFirst) connection.onOpen(added);
      isFirst = false;
    });
    const stop = connection.onOpen(removed);
    connection.connect({ userId: 'ada' });
    server.accepts();
    connection.onOpen(added);
    expect([removed.mock.calls.length, added.mock.calls.length]).toEqual([0, 0]);
    server.closes(1006);
    clock.passes(1_000);
    server.accepts();
    expect([removed.mock.calls.length, added.mock.calls.length]).toEqual([0, 2]);
  });

  it('what is durable is queued in it and goes once, with a server of the extension too', () => {
    const { connection, server, clock } = setUp({
      delivery: durableDelivery({ server: 'statesocket', durable: () => true }),
    });
    const answers: string[] = [];
    connection.onOpen(() => answers.push(connection.send({ type: 'ASK' })));
    connection.connect({ userId: 'ada' });
    server.accepts();
    server.welcomes();
    server.resumes();
    clock.passes(1_000);
    expect(answers).toEqual(['queued']);
    expect((server.received as { type: string }[]).filter(({ type }) => type === 'ASK')).toHaveLength(1);
  });

  it('I10 hears nothing after dispose', () => {
    const { connection, server } = setUp();
    const listener = vi.fn();
    connection.onOpen(listener);
    connection.connect({ userId: 'ada' });
    connection.dispose();
    server.latest.deliver.open();
    expect(listener).not.toHaveBeenCalled();
  });

  it('needs a function', () => {
    const connection = createConnection({ url: 'wss://x.test/', WebSocket: createFakeServer().WebSocket });
    expect(() => connection.onOpen(undefined as never)).toThrow(/onOpen\(listener\) needs a function/);
  });
});

describe('subscribe', () => {
  it('fires for changes that can be seen, and for nothing else', () => {
    const { connection, server, clock } = setUp({ backoff: () => 1_000, heartbeat: false });
    let before = JSON.stringify(connection.getSnapshot());
    connection.subscribe(() => {
      const now = JSON.stringify(connection.getSnapshot());
      expect(now).not.toBe(before);
      before = now;
    });
    connection.connect({ userId: 'ada' });
    server.accepts();
    const whileOpen = vi.fn();
    const stop = connection.subscribe(whileOpen);
    server.sends({ type: 'HEARTBEAT' }, { type: 'HEARTBEAT' });
    connection.actor.send({ type: 'page.shown' });
    connection.actor.send({ type: 'network.restored' });
    clock.passes(60_000);
    stop();
    expect(whileOpen).not.toHaveBeenCalled();
    for (let round = 0; round < 3; round += 1) {
      server.closes(1006);
      clock.passes(1_000);
      server.accepts();
      clock.passes(100);
    }
    connection.retry();
    connection.connect({ userId: 'ada' });
    connection.logout();
  });
});
