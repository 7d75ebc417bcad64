import { createScenario } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';

const untyped = <T>(value: unknown): T => value as T;

describe('protocols as a function', () => {
  it('is asked for each attempt, with the user and the token of that attempt', async () => {
    const asked: unknown[] = [];
    const tokens = ['t1', 't2'];
    const { connection, server, clock } = createScenario({
      getToken: () => tokens.shift() ?? null,
      protocols: ({ token, userId, signal }) => {
        asked.push([token, userId, signal.aborted]);
        return ['bearer', `${token}`];
      },
    });
    connection.connect({ userId: 'ada' });
    expect(server.latest.protocols).toEqual(['bearer', 't1']);
    server.refuses();
    clock.passes(60_000);
    expect(asked).toEqual([
      ['t1', 'ada', false],
      ['t2', 'ada', false],
    ]);
    expect(server.latest.protocols).toEqual(['bearer', 't2']);
    connection.dispose();
  });

  it('may return a promise, and is told null where there is no getToken', async () => {
    const { connection, server } = createScenario({
      protocols: async ({ token }) => (token === null ? 'anonymous' : token),
    });
    connection.connect({ userId: 'ada' });
    await Promise.resolve();
    await Promise.resolve();
    expect(server.latest.protocols).toBe('anonymous');
    connection.dispose();
  });

  it.each([
    ['throws', () => untyped<string>(JSON.parse('{'))],
    ['rejects', () => Promise.reject<string>(new TypeError('secret-token'))],
    ['returns nothing', () => untyped<string>(undefined)],
    ['returns a number', () => untyped<string>(7)],
    ['names one twice', () => ['a', 'a']],
    ['returns what is no subprotocol', () => 'secret token=='],
  ])('that %s is reported, and the attempt is retried', async (_, protocols) => {
    const { connection, server, clock, errors } = createScenario({ protocols });
    connection.connect({ userId: 'ada' });
    await Promise.resolve();
    await Promise.resolve();
    expect(errors.map(({ code }) => code)).toEqual(['protocols-failed']);
    expect(errors[0]?.message).toMatch(
      /^The protocols function .* The attempt counts as lost and is retried\.$/,
    );
    expect(JSON.stringify(errors[0]?.message)).not.toContain('secret');
    expect(connection.getSnapshot()).toMatchObject({ status: 'backoff', lastEnd: { cause: 'protocols' } });
    expect(server.sockets).toEqual([]);
    clock.passes(1_000);
    await Promise.resolve();
    await Promise.resolve();
    expect(errors).toHaveLength(2);
    connection.dispose();
  });

  it('that hangs ends at the connect deadline, is told so, and is not heard any more', async () => {
    let name = (_: string): void => {};
    const signals: AbortSignal[] = [];
    const { connection, server, clock, errors } = createScenario({
      protocols: ({ signal }) => {
        signals.push(signal);
        return new Promise<string>((resolve) => {
          name = resolve;
        });
      },
    });
    connection.connect({ userId: 'ada' });
    clock.passes(10_000);
    expect(errors.map(({ code }) => code)).toEqual(['connect-timeout']);
    expect(signals[0]?.aborted).toBe(true);
    name('late');
    await Promise.resolve();
    expect(server.sockets).toEqual([]);
    connection.dispose();
  });

  it('I13 a server that echoes the token of a subprotocol is scrubbed of it', () => {
    const { connection, server, errors } = createScenario({
      getToken: () => 'secret-token',
      protocols: ({ token }) => `bearer.${token}`,
    });
    connection.connect({ userId: 'ada' });
    server.accepts();
    server.closes(4000, 'no protocol bearer.secret-token');
    expect(connection.getSnapshot().lastEnd?.reason).toBe('no protocol bearer.[token]');
    expect(JSON.stringify([errors, connection.getSnapshot(), connection.recording()])).not.toContain(
      'secret',
    );
    connection.dispose();
  });
});
