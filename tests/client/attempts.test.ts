import { type Connection, createConnection } from 'statesocket';
import { createScenario, type Scenario, type ScenarioOptions } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';

type Options = ScenarioOptions<{ type: string }>;

/** A connection whose `getToken` and `url` can reach it. */
const setUp = (optionsOf: (connection: () => Connection<{ type: string }>) => Options) => {
  const scenario: Scenario<{ type: string }> = createScenario(optionsOf(() => scenario.connection));
  return { ...scenario, codes: () => scenario.errors.map(({ code }) => code) };
};

describe('an attempt that is over before its answer is heard', () => {
  it.each([
    ['null: nobody is signed in', (): string | null => null],
    [
      'a throw',
      () => {
        throw new Error('no token for ada');
      },
    ],
    ['an object', () => ({}) as string],
  ])('I1 changes nothing for the user whom getToken itself connects, by %s', (_, answer) => {
    const { connection, server } = setUp((getConnection) => ({
      getToken: ({ userId }) => {
        if (userId === 'ben') return 'token-of-ben';
        getConnection().connect({ userId: 'ben' });
        return answer();
      },
      url: ({ userId }) => `wss://server.test/${userId}/`,
    }));
    connection.connect({ userId: 'ada' });
    expect([connection.status, connection.userId]).toEqual(['connecting', 'ben']);
    expect(server.live.map(({ url }) => url)).toEqual(['wss://server.test/ben/']);
    server.accepts();
    expect(connection.status).toBe('open');
    connection.dispose();
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no url for ada');
      },
    ],
    ['answers no string', () => JSON.parse('7')],
  ])('I1 changes nothing for the user whom a url connects that %s', (_, answer) => {
    const { connection, server } = setUp((getConnection) => ({
      url: ({ userId }) => {
        if (userId === 'ben') return 'wss://server.test/ben/';
        getConnection().connect({ userId: 'ben' });
        return answer();
      },
    }));
    connection.connect({ userId: 'ada' });
    expect([connection.status, connection.userId]).toEqual(['connecting', 'ben']);
    expect(connection.getSnapshot()).toMatchObject({ retryCount: 0, lastEnd: null });
    expect(server.live.map(({ url }) => url)).toEqual(['wss://server.test/ben/']);
    connection.dispose();
  });

  it('I1 is not heard when its user logs out within getToken', () => {
    const { connection, server } = setUp((getConnection) => ({
      getToken: () => {
        getConnection().logout();
        return null;
      },
    }));
    connection.connect({ userId: 'ada' });
    expect(connection.status).toBe('loggedOut');
    expect(server.sockets).toHaveLength(0);
    connection.dispose();
  });

  it('I1 is not heard when a subscriber changes the user before its close has its turn', () => {
    const { connection, server } = createScenario();
    connection.subscribe(() => {
      if (connection.status !== 'open' || connection.userId !== 'ada') return;
      connection.connect({ userId: 'ben' });
      server.closes(4403);
    });
    connection.connect({ userId: 'ada' });
    server.accepts();
    expect([connection.status, connection.userId]).toEqual(['connecting', 'ben']);
    expect(server.live).toHaveLength(1);
    connection.dispose();
  });

  it('hears the same answers at once where nothing came between', () => {
    const { connection } = createScenario({ getToken: () => null });
    connection.connect({ userId: 'ada' });
    expect(connection.status).toBe('idle');
    connection.dispose();
  });
});

describe('an attempt that slept past its deadline', () => {
  /** The machine sleeps while the app is asked; its answer is heard before any timer that fell due meanwhile. */
  const sleepWhileAsked = (sleptMs: number, name: 'getToken' | 'url') => {
    let answer = (_: string): void => {};
    let nowMs = 0;
    const timers: { callback: () => void; dueAt: number }[] = [];
    const clock = {
      now: () => nowMs,
      setTimeout: (callback: () => void, delayMs: number) => {
        timers.push({ callback, dueAt: nowMs + delayMs });
        return timers.length;
      },
      clearTimeout: (handle: unknown) => {
        timers[(handle as number) - 1] = { callback: () => {}, dueAt: Number.POSITIVE_INFINITY };
      },
    };
    const { connection, server } = createScenario(({ WebSocket }) =>
      createConnection({
        url: 'wss://server.test/',
        [name]: () =>
          new Promise<string>((resolve) => {
            answer = resolve;
          }),
        WebSocket,
        clock,
        backoff: () => 60_000,
      }),
    );
    connection.connect({ userId: 'ada' });
    nowMs += sleptMs;
    answer('wss://server.test/late/');
    const firesWhatIsDue = () => {
      for (const { callback, dueAt } of [...timers]) if (dueAt <= nowMs) callback();
    };
    return { connection, server, firesWhatIsDue };
  };

  it.each(['getToken', 'url'] as const)(
    'I8 dials no more when %s answers: its place in the budget may be taken',
    async (name) => {
      const { connection, server, firesWhatIsDue } = sleepWhileAsked(10_001, name);
      await Promise.resolve();
      await Promise.resolve();
      expect(server.sockets).toHaveLength(0);
      expect(connection.status).toBe('connecting');
      firesWhatIsDue();
      expect(connection.status).toBe('backoff');
      expect(connection.getSnapshot().lastEnd?.cause).toBe('deadline');
      connection.dispose();
    },
  );

  it.each(['getToken', 'url'] as const)('dials when %s answers just in time', async (name) => {
    const { connection, server } = sleepWhileAsked(10_000, name);
    await Promise.resolve();
    await Promise.resolve();
    expect(server.sockets).toHaveLength(1);
    connection.dispose();
  });
});

describe('many connections', () => {
  it('share one chart, and each has its own socket, clock and listeners', () => {
    const [ada, ben] = [createScenario(), createScenario()];
    const [adas, bens] = [ada, ben].map(({ connection }) => connection.actor.getSnapshot().machine);
    expect(adas).toBe(bens);
    ada.connection.connect({ userId: 'ada' });
    ben.connection.connect({ userId: 'ben' });
    ada.server.accepts();
    expect([ada.connection.status, ben.connection.status]).toEqual(['open', 'connecting']);
    ben.clock.passes(10_000);
    expect([ada.connection.status, ben.connection.status]).toEqual(['open', 'backoff']);
    ada.connection.dispose();
    expect([ada.server.live.length, ben.connection.status]).toEqual([0, 'backoff']);
    ben.connection.dispose();
  });
});
