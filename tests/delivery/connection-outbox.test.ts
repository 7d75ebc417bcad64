import { durableDelivery, type OutboxStore } from 'statesocket/delivery';
import { createScenario, type ScenarioOptions } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import type { AnyActorRef } from 'xstate';

interface Command {
  readonly type: string;
  readonly text?: string;
  readonly clientId?: string;
  readonly n?: number;
  readonly key?: string;
}

type Scenario = ReturnType<typeof createScenario>['connection'];

const chat = (text: string) => ({ type: 'CHAT', text });
const durable = ({ type }: { type: string }) => type === 'CHAT';

const setUp = (options: ScenarioOptions<{ type: string }> = { delivery: durableDelivery({ durable }) }) => {
  const scenario = createScenario(options);
  const { connection, server } = scenario;
  const commands = () => (server.received as Command[]).filter(({ type }) => type === 'CHAT');
  return {
    ...scenario,
    commands,
    states: () => connection.outbox.entries.map(({ message, state }) => [message.text, state]),
    codes: () => scenario.errors.map(({ code }) => code),
    connects: () => {
      connection.connect({ userId: 'ada' });
      server.accepts();
    },
    confirms: (n: number) =>
      server.sends({ type: 'RECEIPT', clientId: commands()[0]?.clientId, n, rejected: [] }),
  };
};

describe('a durable message', () => {
  it('waits for the WELCOME, is sent with its name, and is delivered once the server says so', () => {
    const { connection, server, commands, states, connects, confirms } = setUp();
    connects();
    expect(connection.send(chat('one'))).toBe('queued');
    expect(server.received).toEqual([]);
    server.welcomes();
    expect(commands()).toMatchObject([
      { text: 'one', n: 1, clientId: expect.any(String), key: expect.any(String) },
    ]);
    expect(connection.send(chat('two'))).toBe('sent');
    expect(states()).toEqual([
      ['one', 'sent'],
      ['two', 'sent'],
    ]);
    confirms(2);
    expect(states()).toEqual([
      ['one', 'delivered'],
      ['two', 'delivered'],
    ]);
  });

  it('that was sent and not confirmed is sent again on the next socket, unchanged', () => {
    const { connection, server, clock, commands, connects } = setUp();
    connects();
    server.welcomes();
    connection.send(chat('one'));
    const [before] = commands();
    server.closes(1006);
    expect(connection.send(chat('two'))).toBe('queued');
    clock.passes(1_000);
    server.accepts();
    server.welcomes();
    expect(commands()).toEqual([before, { ...before, text: 'two', n: 2, key: expect.any(String) }]);
  });

  it('is refused where nobody is connected, and kept while connecting and in backoff', () => {
    const { connection, server, codes } = setUp();
    expect(connection.send(chat('one'))).toBe('refused');
    connection.connect({ userId: 'ada' });
    expect(connection.send(chat('two'))).toBe('queued');
    server.refuses();
    expect(connection.send(chat('three'))).toBe('queued');
    expect(connection.send({ type: 'TYPING' })).toBe('refused');
    expect(codes()).toEqual(['not-connected', 'socket-error', 'not-connected']);
  });

  it('I12 goes to a plain server as it is, and no receipt of that server is believed', () => {
    const { connection, server, clock, states, connects } = setUp();
    connects();
    connection.send(chat('one'));
    clock.passes(2_000);
    expect(connection.send(chat('two'))).toBe('sent');
    server.sends({ type: 'RECEIPT', clientId: 'x', n: 2, rejected: [] });
    expect(server.received).toEqual([chat('one'), chat('two')]);
    expect(states()).toEqual([]);
  });

  it('without any receipt for 15 s ends the socket, and goes out on the next', () => {
    const { connection, server, clock, commands, connects } = setUp();
    connects();
    server.welcomes();
    server.resumes();
    connection.send(chat('one'));
    clock.passes(14_000);
    server.beats();
    clock.passes(1_000);
    expect(connection.getSnapshot().lastEnd?.cause).toBe('silent');
    server.accepts();
    server.welcomes();
    expect(commands()).toMatchObject([{ text: 'one', n: 1 }]);
  });

  it('I14 is the user’s: another one does not send it, logout discards it with a word', () => {
    const { connection, server, codes, states, connects } = setUp();
    connects();
    connection.send(chat('mine'));
    connection.connect({ userId: 'ben' });
    server.accepts();
    server.welcomes();
    expect(server.received).toEqual([{ type: 'RESUME', after: null }]);
    connects();
    expect(states()).toEqual([['mine', 'queued']]);
    connection.logout();
    expect([codes(), states()]).toEqual([['messages-discarded'], []]);
  });

  it.each([
    ['connect(another user)', (connection: Scenario) => connection.connect({ userId: 'ben' })],
    ['disconnect()', (connection: Scenario) => connection.disconnect()],
    ['logout()', (connection: Scenario) => connection.logout()],
  ])('I14 said after %s belongs to nobody, also where the chart has not taken the wish yet', (_, wishes) => {
    const { connection, server, codes, connects } = setUp();
    const answers: string[] = [];
    connects();
    connection.subscribe(() => {
      if (answers.length > 0) return;
      wishes(connection);
      answers.push(
        connection.send(chat('durable')),
        connection.send({ type: 'TYPING' }),
        connection.sendBinary(new ArrayBuffer(1)),
      );
    });
    server.welcomes();
    server.closes(1006);
    expect(answers).toEqual(['refused', 'refused', 'refused']);
    expect(codes().filter((code) => code === 'not-connected')).toHaveLength(3);
    connection.connect({ userId: 'ada' });
    expect(connection.outbox.entries).toEqual([]);
  });

  it('I14 so it is in a subscriber of an open connection: nothing goes out on the old socket', () => {
    const { connection, server } = setUp({});
    const answers: string[] = [];
    connection.subscribe(() => {
      if (connection.status !== 'open' || answers.length > 0) return;
      connection.connect({ userId: 'ben' });
      answers.push(connection.send({ type: 'TYPING' }));
    });
    connection.connect({ userId: 'ada' });
    server.accepts();
    expect(answers).toEqual(['refused']);
    expect(server.sockets.flatMap(({ sent }) => sent)).toEqual([]);
    server.accepts();
    expect([connection.userId, connection.send({ type: 'TYPING' })]).toEqual(['ben', 'sent']);
  });

  it('that the option cannot judge is kept: its throw is reported', () => {
    const judge = vi.fn(() => {
      throw new Error('mine');
    });
    const { connection, codes, connects } = setUp({ delivery: durableDelivery({ durable: judge }) });
    connects();
    expect(connection.send(chat('one'))).toBe('queued');
    expect(codes()).toEqual(['durable-failed']);
  });
});

describe('the outbox of a connection', () => {
  it('is empty without the option, and everything is volatile', () => {
    const { connection, server } = setUp({});
    connection.connect({ userId: 'ada' });
    expect(connection.send(chat('one'))).toBe('refused');
    server.accepts();
    expect(connection.send(chat('two'))).toBe('sent');
    connection.outbox.retry('key');
    connection.outbox.discard('key');
    connection.outbox.subscribe(() => {})();
    expect(connection.outbox.entries).toEqual([]);
  });

  it('falls back to memory, and says so, where the platform has no IndexedDB', async () => {
    const { connection, server, codes, connects, commands } = setUp({
      delivery: durableDelivery({ durable, storage: 'indexedDB' }),
    });
    connects();
    server.welcomes();
    expect(connection.send(chat('one'))).toBe('queued');
    await vi.waitFor(() => expect(commands()).toMatchObject([{ text: 'one' }]));
    expect(codes()).toEqual(['storage-failed']);
  });

  it('is a chart for each user, below that of delivery, until nothing of it depends on the page', () => {
    const { connection, server, connects } = setUp();
    const childrenOf = (chart: AnyActorRef | undefined): Record<string, AnyActorRef> =>
      chart?.getSnapshot().children ?? {};
    const charts = () =>
      Object.entries(childrenOf(childrenOf(connection.actor).delivery)).map(([id, chart]) => [
        id,
        chart.getSnapshot().value,
      ]);
    expect(charts()).toEqual([]);
    connects();
    expect(charts()).toEqual([['outbox 1', { here: 'parked' }]]);
    server.welcomes();
    expect(charts()).toEqual([['outbox 1', { here: 'flowing' }]]);
    connection.send(chat('one'));
    connection.connect({ userId: 'ben' });
    server.accepts();
    expect(charts()).toEqual([
      ['outbox 1', 'left'],
      ['outbox 2', { here: 'parked' }],
    ]);
    connects();
    expect(charts()).toEqual([['outbox 1', { here: 'parked' }]]);
    connection.logout();
    expect(charts()).toEqual([]);
  });

  it('I10 leaves the store to others where somebody ends the chart by hand', () => {
    const closes = vi.fn();
    const done = () => undefined;
    const storage: OutboxStore = {
      open: () => ({ loaded: undefined, exclusive: true, put: done, remove: done, close: closes }),
    };
    const { connection, server, connects } = setUp({ delivery: durableDelivery({ durable, storage }) });
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    connects();
    server.welcomes();
    connection.actor.send({ type: 'user.dispose' });
    expect(closes).toHaveBeenCalledExactlyOnceWith(new Set());
    expect(warn.mock.calls).toEqual([]);
    warn.mockRestore();
  });

  it('I14 begins also where its user comes in the middle of a step of delivery', () => {
    const { connection, server, commands, states, connects } = setUp();
    const forget = connection.onDiscontinuity(() => {
      forget();
      connection.connect({ userId: 'ben' });
      connection.send(chat('of ben'));
    });
    connects();
    connection.send(chat('of ada'));
    server.welcomes();
    server.sends({ type: 'RESUMED', ok: false, last: '0' });
    server.accepts();
    server.welcomes();
    expect(connection.userId).toBe('ben');
    expect(connection.send(chat('of ben again'))).toBe('sent');
    expect(states().at(-1)).toEqual(['of ben again', 'sent']);
    expect(commands().map(({ text }) => text)).not.toContain('of ada');
  });

  it('tells what dispose loses, and leaves no timer', () => {
    const { connection, codes, clock, connects } = setUp();
    connects();
    connection.send(chat('one'));
    connection.dispose();
    expect([codes(), clock.timerCount]).toEqual([['messages-discarded'], 0]);
    expect(connection.send(chat('two'))).toBe('refused');
  });
});
