import type { Signal, SignalSource } from 'statesocket';
import { createScenario } from 'statesocket/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createStandInPage } from '../actors/support/stand-in-page.ts';

afterEach(() => vi.unstubAllGlobals());

/** A connection whose app tells of the network and the page. */
const setUp = (spoil: (source: SignalSource) => SignalSource = (source) => source) => {
  let tells = (_: Signal): void => {};
  let endCount = 0;
  const scenario = createScenario({
    backoff: () => 60_000,
    signals: spoil((tell) => {
      tells = tell;
      return () => {
        endCount += 1;
      };
    }),
  });
  const { connection, errors } = scenario;
  return {
    ...scenario,
    tells: (signal: unknown) => tells(signal as Signal),
    endCount: () => endCount,
    codes: () => errors.map(({ code }) => code),
    state: () => JSON.stringify(connection.actor.getSnapshot().value),
  };
};

describe("the app's own signals", () => {
  it('dial at once when the network is back, wait while it is gone, and close the socket in the background', () => {
    const { connection, server, tells, state } = setUp();
    connection.connect({ userId: 'ada' });
    tells('network.lost');
    server.refuses();
    expect(state()).toBe('{"backoff":"offline"}');
    tells('network.restored');
    expect(connection.status).toBe('connecting');
    server.accepts();
    tells('page.suspended');
    expect([state(), server.live]).toEqual(['{"backoff":"suspended"}', []]);
    tells('page.resumed');
    server.accepts();
    expect(connection.status).toBe('open');
    server.closes(1006);
    tells('page.shown');
    expect(connection.status).toBe('connecting');
    connection.dispose();
  });

  it('may be told while the connection is made', () => {
    const { connection, server, state } = setUp((source) => (tell) => {
      tell('network.lost');
      return source(tell);
    });
    connection.connect({ userId: 'ada' });
    server.refuses();
    expect(state()).toBe('{"backoff":"offline"}');
    connection.dispose();
  });

  it("replace the platform's", () => {
    const page = createStandInPage();
    vi.stubGlobal('window', page.window);
    vi.stubGlobal('document', page.document);
    const { connection } = setUp();
    expect(page.listenerCount).toBe(0);
    connection.dispose();
  });

  it('I10 are ended with the connection, once', () => {
    const { connection, endCount } = setUp();
    expect(endCount()).toBe(0);
    connection.dispose();
    connection.dispose();
    expect(endCount()).toBe(1);
  });
});

const boom = (): never => {
  throw new Error('mine');
};

describe('a signals function', () => {
  it.each<[string, (source: SignalSource) => SignalSource]>([
    ['throws', () => boom],
    ['returns nothing', (source) => (tell) => void source(tell) as never],
  ])(
    'that %s is reported once to a listener that is added at once, and the connection works',
    async (_, spoil) => {
      const { connection, server, codes, errors } = setUp(spoil);
      expect(codes()).toEqual(['signals-failed']);
      connection.connect({ userId: 'ada' });
      server.accepts();
      expect(connection.status).toBe('open');
      connection.dispose();
      expect(codes()).toEqual(['signals-failed']);
      await vi.waitFor(() => expect(errors[0]?.message).toContain('Tell one of network.lost'));
    },
  );

  it.each([
    ['a text', 'network.gone'],
    ['an event of the chart that is no signal', 'user.logout'],
    ['an object', { type: 'page.shown' }],
    ['nothing', undefined],
  ])('that tells %s is reported once, and nothing happens', (_, nonsense) => {
    const { connection, server, codes, tells } = setUp();
    connection.connect({ userId: 'ada' });
    server.accepts();
    for (let count = 0; count < 100; count += 1) tells(nonsense);
    expect([connection.status, codes()]).toEqual(['open', ['signals-failed']]);
    connection.dispose();
  });

  it('I10 that tells after the end is reported once, and nothing happens', () => {
    const { connection, codes, tells } = setUp();
    connection.dispose();
    tells('network.restored');
    tells('page.shown');
    expect([connection.status, codes()]).toEqual(['idle', ['signals-failed']]);
  });

  it('that is async, and rejects, is reported once, and no rejection is unhandled', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const { connection, codes } = setUp(() => (async () => boom()) as never);
    connection.dispose();
    setUp(() => () => async () => boom()).connection.dispose();
    await new Promise((resolve) => setTimeout(resolve));
    process.off('unhandledRejection', unhandled);
    expect([codes(), unhandled.mock.calls]).toEqual([['signals-failed'], []]);
  });

  it('that throws when it is ended breaks no dispose', () => {
    const { connection, server, clock, codes } = setUp(() => () => boom);
    connection.connect({ userId: 'ada' });
    server.accepts();
    connection.dispose();
    expect([codes(), clock.timerCount, server.live]).toEqual([['signals-failed'], 0, []]);
  });
});
