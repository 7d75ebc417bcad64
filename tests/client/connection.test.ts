import { type ConnectionOptions, createConnection, linearBackoff, type WireMessage } from 'statesocket';
import { createFakeServer, createScenario } from 'statesocket/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const URL = 'wss://redngift.test/connect/';

const setUp = (options: Partial<ConnectionOptions<WireMessage>> = {}) => {
  const scenario = createScenario(({ WebSocket }) =>
    createConnection({ url: URL, WebSocket, backoff: linearBackoff(), ...options }),
  );
  return { ...scenario, codes: () => scenario.errors.map((error) => error.code) };
};

const setUpOpen = (options: Partial<ConnectionOptions<WireMessage>> = {}) => {
  const it = setUp(options);
  it.connection.connect({ userId: 'ada' });
  it.server.accepts();
  return it;
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** The command table of design.md section 4: for each status what each call leads to. */
describe('the command table', () => {
  const reach = {
    idle: () => setUp(),
    connecting: () => {
      const it = setUp();
      it.connection.connect({ userId: 'ada' });
      return it;
    },
    open: () => setUpOpen(),
    backoff: () => {
      const it = setUpOpen({ backoff: () => 60_000 });
      it.server.closes(1006);
      return it;
    },
    loggedOut: () => {
      const it = setUpOpen();
      it.connection.logout();
      return it;
    },
    failed: () => {
      const it = setUpOpen();
      it.server.closes(4403);
      return it;
    },
  } as const;
  type Status = keyof typeof reach;
  type Table = Record<Status, Record<string, [status: Status, dials: number]>>;
  const table: Table = {
    idle: {
      same: ['connecting', 1],
      other: ['connecting', 1],
      disconnect: ['idle', 0],
      logout: ['loggedOut', 0],
      retry: ['idle', 0],
    },
    connecting: {
      same: ['connecting', 0],
      other: ['connecting', 1],
      disconnect: ['idle', 0],
      logout: ['loggedOut', 0],
      retry: ['connecting', 0],
    },
    open: {
      same: ['open', 0],
      other: ['connecting', 1],
      disconnect: ['idle', 0],
      logout: ['loggedOut', 0],
      retry: ['open', 0],
    },
    backoff: {
      same: ['backoff', 0],
      other: ['connecting', 1],
      disconnect: ['idle', 0],
      logout: ['loggedOut', 0],
      retry: ['connecting', 1],
    },
    loggedOut: {
      same: ['connecting', 1],
      other: ['connecting', 1],
      disconnect: ['loggedOut', 0],
      logout: ['loggedOut', 0],
      retry: ['loggedOut', 0],
    },
    failed: {
      same: ['connecting', 1],
      other: ['connecting', 1],
      disconnect: ['idle', 0],
      logout: ['loggedOut', 0],
      retry: ['connecting', 1],
    },
  };
  const calls = {
    same: ({ connection }: ReturnType<typeof setUp>) => connection.connect({ userId: 'ada' }),
    other: ({ connection }: ReturnType<typeof setUp>) => connection.connect({ userId: 'ben' }),
    disconnect: ({ connection }: ReturnType<typeof setUp>) => connection.disconnect(),
    logout: ({ connection }: ReturnType<typeof setUp>) => connection.logout(),
    retry: ({ connection }: ReturnType<typeof setUp>) => connection.retry(),
  };

  for (const [status, row] of Object.entries(table)) {
    for (const [call, [next, dials]] of Object.entries(row)) {
      it(`in ${status}, ${call} leads to ${next} with ${dials} dials and at most one live socket (I1)`, () => {
        const world = reach[status as Status]();
        expect(world.connection.status).toBe(status);
        const before = world.server.sockets.length;
        calls[call as keyof typeof calls](world);
        expect(world.connection.status).toBe(next);
        expect(world.server.sockets.length - before).toBe(dials);
        expect(world.server.live.length).toBe(next === 'connecting' || next === 'open' ? 1 : 0);
      });
    }
    it(`in ${status}, send is ${status === 'open' ? 'sent' : 'refused and reported'}`, () => {
      const { connection, server, codes } = reach[status as Status]();
      const answer = connection.send({ type: 'TYPING', conversationId: 'c1' });
      if (status === 'open') {
        expect(answer).toBe('sent');
        expect(server.received).toEqual([{ type: 'TYPING', conversationId: 'c1' }]);
      } else {
        expect(answer).toBe('refused');
        expect(codes()).toEqual(['not-connected']);
      }
    });
  }

  it('ends the old socket before the new one is dialled, when the user changes', () => {
    const order: string[] = [];
    const server = createFakeServer();
    const Recording = class extends server.WebSocket {
      constructor(url: string) {
        order.push(`dial ${url}`);
        super(url);
      }
      override close(code?: number) {
        order.push(`close ${this.url}`);
        super.close(code);
      }
    };
    const connection = createConnection({
      url: ({ userId }) => `wss://x.test/${userId}`,
      WebSocket: Recording,
    });
    connection.connect({ userId: 'ada' });
    connection.connect({ userId: 'ben' });
    expect(order).toEqual(['dial wss://x.test/ada', 'close wss://x.test/ada', 'dial wss://x.test/ben']);
  });
});

describe('users', () => {
  it('compares a user id as a string', () => {
    const { connection, server } = setUp();
    connection.connect({ userId: 7 });
    connection.connect({ userId: '7' });
    expect(server.sockets.length).toBe(1);
    expect(connection.userId).toBe('7');
  });

  it.each([undefined, null, '', Number.NaN, {}])(
    'throws bad-user-id for %s and changes nothing',
    (userId) => {
      const { connection } = setUp();
      expect(() => connection.connect({ userId: userId as string })).toThrow(
        expect.objectContaining({ code: 'bad-user-id' }),
      );
      expect(connection.status).toBe('idle');
    },
  );
});

describe('token and URL', () => {
  it('dials with the token that getToken gives for this user, in the same turn when it is at hand', () => {
    const { connection, server } = setUp({
      getToken: ({ userId, reason }) => `${userId}-${reason}`,
      url: ({ token }) => `${URL}${token}/`,
    });
    connection.connect({ userId: 'ada' });
    expect(server.latest.url).toBe(`${URL}ada-connect/`);
  });

  it('asks for token and URL again on each attempt', async () => {
    let count = 0;
    const { connection, server } = setUp({
      getToken: async () => `t${++count}`,
      url: async ({ token }) => `${URL}${token}/`,
    });
    connection.connect({ userId: 'ada' });
    await vi.advanceTimersByTimeAsync(1);
    server.refuses();
    await vi.advanceTimersByTimeAsync(1);
    expect(server.sockets.map((socket) => socket.url)).toEqual([`${URL}t1/`, `${URL}t2/`]);
  });

  it.each([null, undefined, ''])(
    'goes to idle without dialling, and says so, when the token is %s',
    (token) => {
      const { connection, server, errors } = setUp({ getToken: () => token as null });
      connection.connect({ userId: 'ada' });
      expect(connection.status).toBe('idle');
      expect(server.sockets).toEqual([]);
      expect(errors.map(({ code }) => code)).toEqual(['token-missing']);
    },
  );

  it.each([
    [
      'throws',
      () => {
        throw new TypeError('secret-token');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('secret-token'))],
    ['answers a number', () => 5 as unknown as string],
  ])('counts the attempt as lost when getToken %s, and quotes nothing of it', async (_, getToken) => {
    const { connection, errors, codes } = setUp({ getToken, backoff: () => 60_000 });
    connection.connect({ userId: 'ada' });
    await vi.advanceTimersByTimeAsync(1);
    expect(connection.status).toBe('backoff');
    expect(connection.getSnapshot().lastEnd?.cause).toBe('token');
    expect(codes()).toEqual(['token-failed']);
    expect(String(errors[0]?.message) + String(errors[0]?.cause)).not.toContain('secret');
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error();
      },
    ],
    ['rejects', () => Promise.reject(new Error())],
    ['answers nothing', () => undefined as unknown as string],
  ])('counts the attempt as lost when url %s', async (_, url) => {
    const { connection, codes } = setUp({ url, backoff: () => 60_000 });
    connection.connect({ userId: 'ada' });
    await vi.advanceTimersByTimeAsync(1);
    expect(connection.status).toBe('backoff');
    expect(codes()).toEqual(['url-failed']);
  });

  it('puts a token that never comes under the connect deadline, aborts it and ignores its late answer', async () => {
    let answer: (token: string) => void = () => {};
    let aborted = false;
    const { connection, server, codes } = setUp({
      backoff: () => 60_000,
      getToken: ({ signal }) => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
    });
    connection.connect({ userId: 'ada' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(connection.status).toBe('backoff');
    expect(aborted).toBe(true);
    expect(codes()).toEqual(['connect-timeout']);
    answer('late');
    await vi.advanceTimersByTimeAsync(1);
    expect(server.sockets).toEqual([]);
  });

  it('tells of each deadline, not of the first in a row alone', () => {
    const { connection, codes } = setUp({ backoff: () => 1_000 });
    connection.connect({ userId: 'ada' });
    vi.advanceTimersByTime(10_000 + 1_000 + 10_000);
    expect(codes()).toEqual(['connect-timeout', 'connect-timeout']);
  });

  it('puts a handshake that never ends under the same deadline, and closes it', () => {
    const { connection, server } = setUp({ connectTimeoutMs: 3_000, backoff: () => 60_000 });
    connection.connect({ userId: 'ada' });
    vi.advanceTimersByTime(3_000);
    expect(connection.status).toBe('backoff');
    expect(server.live).toEqual([]);
  });

  it('fails as misconfigured when the socket cannot be made, and does not quote the URL', () => {
    const { connection, errors } = setUp({
      url: 'wss://x.test/secret/',
      WebSocket: class {
        constructor(url: string) {
          throw new SyntaxError(`bad url ${url}`);
        }
      } as never,
    });
    connection.connect({ userId: 'ada' });
    expect(connection.getSnapshot()).toMatchObject({ status: 'failed', failure: 'misconfigured' });
    expect(errors[0]?.code).toBe('socket-impossible');
    expect(`${errors[0]?.message}${String(errors[0]?.cause)}`).not.toContain('secret');
  });

  it('fails as misconfigured where the platform has no WebSocket', () => {
    vi.stubGlobal('WebSocket', undefined);
    const connection = createConnection({ url: URL });
    const codes: string[] = [];
    connection.onError((error) => codes.push(error.code));
    connection.connect({ userId: 'ada' });
    expect(connection.getSnapshot().failure).toBe('misconfigured');
    expect(codes).toEqual(['socket-impossible']);
    vi.unstubAllGlobals();
  });

  it('looks the WebSocket class up at dial time', () => {
    const server = createFakeServer();
    const connection = createConnection({ url: URL, protocols: ['v1'] });
    vi.stubGlobal('WebSocket', server.WebSocket);
    connection.connect({ userId: 'ada' });
    expect(server.latest.protocols).toEqual(['v1']);
    vi.unstubAllGlobals();
  });

  it('I13 scrubs a token that its own replacement contains, and one that no URL can spell', () => {
    for (const [token, reason, scrubbed] of [
      ['e', 'token e', 'tok[token]n [token]'],
      ['a.c', 'abc a.c', 'abc [token]'],
      ['lone \ud800', 'a lone \ud800!', 'a [token]!'],
    ] as const) {
      const { connection, server } = setUp({ getToken: () => token, backoff: () => 60_000 });
      connection.connect({ userId: 'ada' });
      server.closes(1011, reason);
      expect(connection.getSnapshot().lastEnd?.reason).toBe(scrubbed);
    }
  });

  it('I13 scrubs the token, plain and percent-encoded, from a close reason', () => {
    const { connection, server } = setUp({
      getToken: () => 'to ken',
      url: ({ token }) => `${URL}${token}`,
      backoff: () => 60_000,
    });
    connection.connect({ userId: 'ada' });
    server.accepts();
    server.closes(1011, 'bad to ken, that is to%20ken');
    expect(connection.getSnapshot().lastEnd?.reason).toBe('bad [token], that is [token]');
  });
});

describe('closes and errors', () => {
  it('redials on a close, never on an error event, which is reported once', () => {
    const { connection, server, codes } = setUpOpen();
    const messages: string[] = [];
    connection.onError(({ message }) => messages.push(message));
    server.latest.deliver.error();
    expect(connection.status).toBe('open');
    expect(codes()).toEqual(['socket-error']);
    expect(messages).toEqual([expect.stringMatching(/^[^.]*\. Its close follows and decides\.$/)]);
    server.closes(1006);
    expect(connection.status).toBe('backoff');
    expect(codes()).toEqual(['socket-error']);
  });

  it('I1 hears nothing more of an abandoned socket', () => {
    const { connection, server, errors } = setUpOpen();
    const old = server.latest;
    const heard = vi.fn();
    connection.onMessage(heard);
    connection.connect({ userId: 'ben' });
    old.deliver.frame('{"type":"NEW_MESSAGE","id":"1"}');
    old.deliver.error();
    old.deliver.close(4401, true);
    expect(connection.status).toBe('connecting');
    expect(heard).not.toHaveBeenCalled();
    expect(old.sent).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('I1 closes a socket again that could not be closed while connecting and opens after all', () => {
    const { connection, server } = setUp();
    connection.connect({ userId: 'ada' });
    const stubborn = server.latest;
    const close = stubborn.close.bind(stubborn);
    stubborn.close = () => {
      throw new Error('InvalidStateError');
    };
    connection.connect({ userId: 'ben' });
    stubborn.close = close;
    stubborn.deliver.open();
    expect(server.live.length).toBe(1);
  });

  it('survives a socket whose close throws', () => {
    const { connection, server } = setUpOpen();
    server.latest.close = () => {
      throw new Error('InvalidStateError');
    };
    connection.logout();
    expect(connection.status).toBe('loggedOut');
  });

  it('uses the default delay when the backoff throws or answers NaN, and reports it', () => {
    const { connection, server, codes } = setUp({ backoff: () => Number.NaN, random: () => 0.5 });
    connection.connect({ userId: 'ada' });
    server.closes(1006);
    expect(codes()).toEqual(['backoff-failed']);
    vi.advanceTimersByTime(674);
    expect(connection.status).toBe('backoff');
    vi.advanceTimersByTime(1);
    expect(connection.status).toBe('connecting');
  });

  it('runs the whole RednGift schedule: 21 dials in 31 min 40 s, then failed', () => {
    const { connection, server } = setUp();
    const startedAt = Date.now();
    const dialledAt: number[] = [];
    connection.connect({ userId: 'ada' });
    let seen = 0;
    while (connection.status !== 'failed') {
      if (server.sockets.length > seen) {
        seen = server.sockets.length;
        dialledAt.push(Date.now() - startedAt);
        server.refuses();
      }
      vi.advanceTimersByTime(1_000);
    }
    const gaps = dialledAt
      .slice(1)
      .map((at, index) => Math.floor((at - (dialledAt[index] ?? 0)) / 10_000) * 10);
    expect(gaps).toEqual([
      0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190,
    ]);
    expect(connection.getSnapshot()).toMatchObject({ failure: 'exhausted', retryCount: 20, maxRetries: 20 });
    connection.retry();
    server.accepts();
    expect(connection.status).toBe('open');
  });
});

describe('the snapshot', () => {
  it('is frozen, and the same object until something changes', () => {
    const { connection, server } = setUpOpen();
    const before = connection.getSnapshot();
    server.sends({ type: 'X' });
    connection.connect({ userId: 'ada' });
    expect(connection.getSnapshot()).toBe(before);
    expect(Object.isFrozen(before)).toBe(true);
    expect(() => JSON.stringify(before)).not.toThrow();
  });

  it('tells when the next retry dials, and calls subscribers on change only', () => {
    const { connection, server } = setUpOpen({ backoff: () => 5_000 });
    const changes = vi.fn();
    connection.subscribe(changes);
    server.closes(1006);
    expect(changes).toHaveBeenCalledTimes(1);
    expect(changes).toHaveBeenCalledWith();
    const { nextRetryAt } = connection.getSnapshot();
    expect(Math.abs((nextRetryAt ?? 0) - Date.now() - 5_000)).toBeLessThan(60_000);
    vi.advanceTimersByTime(5_000);
    expect(connection.getSnapshot()).toMatchObject({ nextRetryAt: null, retryCount: 1 });
  });

  it('counts on the clock that was passed in', () => {
    const { connection, server } = setUp({
      backoff: () => 5_000,
      clock: {
        now: () => 1_000,
        setTimeout: (callback, ms) => setTimeout(callback, ms),
        clearTimeout: (id) => clearTimeout(id as never),
      },
    });
    connection.connect({ userId: 'ada' });
    server.closes(1006);
    expect(connection.getSnapshot().nextRetryAt).toBe(6_000);
  });

  it('keeps telling the others when a subscriber throws', () => {
    const { connection, codes } = setUp();
    const other = vi.fn();
    connection.subscribe(() => {
      throw new Error('mine');
    });
    connection.subscribe(other);
    connection.connect({ userId: 'ada' });
    expect(other).toHaveBeenCalled();
    expect(codes()).toContain('listener-failed');
  });
});

describe('the end of a connection', () => {
  it.each(['getToken', 'url', 'backoff', 'WebSocket'])(
    'I10 is the end, also from inside %s',
    async (place) => {
      const server = createFakeServer();
      const dispose = (from: string) => {
        if (from === place) connection.dispose();
      };
      const connection = createConnection({
        getToken: async () => {
          dispose('getToken');
          return 'token';
        },
        url: () => {
          dispose('url');
          return URL;
        },
        WebSocket: class extends server.WebSocket {
          constructor(url: string) {
            super(url);
            dispose('WebSocket');
          }
        },
        backoff: () => {
          dispose('backoff');
          return 1_000;
        },
      });
      connection.connect({ userId: 'ada' });
      await vi.advanceTimersByTimeAsync(1);
      if (place === 'backoff') server.refuses();
      await vi.advanceTimersByTimeAsync(10_000);
      expect(connection.status).toBe('idle');
      expect(server.live).toEqual([]);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it('I10 asks for no token and makes no socket in the step of the chart that it ends in', () => {
    let asked = 0;
    const { connection, server, codes } = setUp({
      getToken: () => `token ${++asked}`,
      classifyClose: () => {
        connection.dispose();
        connection.retry();
        return { then: 'refresh' };
      },
    });
    connection.connect({ userId: 'ada' });
    server.closes(4000);
    expect(asked).toBe(1);
    expect(server.sockets).toHaveLength(1);
    expect(codes()).toEqual(['disposed']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('I10 leaves no timer when the ping itself is the end', () => {
    const { connection, server } = setUp({
      heartbeat: {
        intervalMs: 1_000,
        timeoutMs: 1_000,
        ping: () => {
          connection.dispose();
          return 'PING';
        },
      },
    });
    connection.connect({ userId: 'ada' });
    server.accepts();
    vi.advanceTimersByTime(2_000);
    expect(connection.status).toBe('idle');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('I10 leaves no timer and no socket after dispose, and reports later calls', () => {
    const { connection, server, codes } = setUpOpen();
    connection.dispose();
    connection.dispose();
    expect(server.live).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
    expect(connection.status).toBe('idle');
    connection.connect({ userId: 'ada' });
    connection.retry();
    expect(connection.send({ type: 'X' })).toBe('refused');
    expect(codes()).toEqual(['disposed', 'disposed', 'disposed']);
    expect(server.sockets.length).toBe(1);
  });

  it('is failed when the chart crashes, without a socket or timer left, and says so', () => {
    const { connection, server, codes } = setUpOpen();
    // A model event of the wrong shape stands for any defect inside the chart.
    connection.actor.send({
      type: 'socket.closed',
      get code(): number {
        throw new Error('defect');
      },
    } as never);
    expect(connection.getSnapshot()).toMatchObject({ status: 'failed', failure: 'crashed' });
    expect(server.live).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
    expect(codes()).toEqual(['chart-crashed']);
  });
});

describe('bad options', () => {
  it.each([
    ['no options', undefined],
    ['no url', {}],
    ['an empty url', { url: '' }],
    ['a getToken that is no function', { url: URL, getToken: 'token' }],
    ['messages that are no Standard Schema', { url: URL, messages: {} }],
    ['a negative maxRetries', { url: URL, maxRetries: -1 }],
    ['a NaN connectTimeoutMs', { url: URL, connectTimeoutMs: Number.NaN }],
    ['a connectTimeoutMs that no attempt could keep', { url: URL, connectTimeoutMs: 0 }],
    ['a recording that is a number', { url: URL, recording: 5 }],
    ['a recording that is true', { url: URL, recording: true }],
    ['an inspect that is a number', { url: URL, inspect: 5 }],
    ['an observer that observes nothing', { url: URL, inspect: {} }],
    ['a huge stableAfterMs', { url: URL, stableAfterMs: 2 ** 31 }],
    ['a backoff that is a number', { url: URL, backoff: 5 }],
    ['an ack that is a name', { url: URL, ack: 'uid' as never }],
    ['a clock without now', { url: URL, clock: { setTimeout, clearTimeout } }],
    ['a random that is a number', { url: URL, random: 4 }],
    ['a WebSocket that is no class', { url: URL, WebSocket: {} }],
  ])('throws bad-option for %s', (_, options) => {
    expect(() => createConnection(options as never)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

describe('inspection and errors', () => {
  it('lets a test watch the chart, and contains an inspector that throws', () => {
    // It throws from the first event on, before anybody can listen to errors: what was reported then waits for the listener.
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const seen: string[] = [];
    const { connection, codes } = setUp({
      inspect: (event) => {
        seen.push(event.type);
        throw new Error('mine');
      },
    });
    connection.connect({ userId: 'ada' });
    expect(seen).toContain('@xstate.event');
    expect(connection.status).toBe('connecting');
    expect(new Set(codes())).toEqual(new Set(['inspect-failed']));
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it('warns on the console of what was reported before anybody could listen, when nobody does', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const connection = createConnection({
      url: URL,
      inspect: () => {
        throw new Error('mine');
      },
    });
    expect(warn).not.toHaveBeenCalled();
    await null;
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('inspect-failed'));
    connection.dispose();
    warn.mockRestore();
  });

  it('warns on the console when nobody listens to errors, and when an error listener throws', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const server = createFakeServer();
    const connection = createConnection({ url: URL, WebSocket: server.WebSocket });
    connection.send({ type: 'X' });
    expect(warn.mock.calls[0]?.[0]).toContain('not-connected');
    connection.onError(() => {
      throw new Error('mine');
    });
    connection.send({ type: 'X' });
    expect(warn).toHaveBeenCalledTimes(2);
    warn.mockRestore();
  });

  it('reconnects when a test fires model events on the actor', () => {
    const { connection, server } = setUpOpen({ backoff: () => 1_000 });
    connection.actor.send({ type: 'socket.closed', code: 1006, reason: '', wasClean: false });
    expect(connection.status).toBe('backoff');
    expect(server.live).toEqual([]);
    vi.advanceTimersByTime(1_000);
    server.accepts();
    expect(connection.status).toBe('open');
  });
});
