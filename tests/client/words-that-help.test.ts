import { type ConnectionOptions, createConnection, flightRecorder, type StatesocketError } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { createFakeServer, createScenario, type ScenarioOptions } from 'statesocket/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';

type Message = { type: string };

/** What no type checker would let through. */
const untyped = <T>(value: unknown): T => value as T;

const said = (errors: readonly StatesocketError[]) =>
  errors.map(({ code, message }) => `${code}: ${message}`);

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('an option that nobody reads', () => {
  it('and whose getter throws is told of, and ends no process', async () => {
    const codes: string[] = [];
    const connection = createConnection({
      url: 'wss://x.test/',
      get maxRetry(): number {
        throw new Error('mine');
      },
    } as ConnectionOptions<Message>);
    connection.onError(({ code }) => codes.push(code));
    await Promise.resolve();
    connection.dispose();
    expect(codes).toEqual(['unknown-option']);
  });

  const errorsOf = async (options: unknown) => {
    const { connection, errors } = createScenario(untyped<ScenarioOptions<Message>>(options));
    await Promise.resolve();
    connection.dispose();
    if (errors.length > 0)
      await vi.waitFor(() => expect(errors[0]?.message).toMatch(/Did you mean|It knows/));
    return said(errors);
  };

  it.each([
    [{ maxRetry: 3 }, 'createConnection knows no option maxRetry', 'Did you mean maxRetries?'],
    [{ token: 't' }, 'createConnection knows no option token', 'Did you mean getToken?'],
    [
      { heartbeat: { interval: 5, intervalMs: 14_000, timeoutMs: 5_000 } },
      'createConnection: heartbeat knows no option interval',
      'Did you mean intervalMs?',
    ],
    [
      { delivery: durableDelivery({ durable: () => true, maxAge: 1 } as object) },
      'durableDelivery knows no option maxAge',
      'Did you mean maxAgeMs?',
    ],
    [
      { recorder: flightRecorder({ transitions: 5 } as object) },
      'flightRecorder knows no option transitions',
      'Did you mean maxTransitions?',
    ],
    [
      { shouldReconnect: true },
      'createConnection knows no option shouldReconnect',
      'It knows url, getToken,',
    ],
  ])('such as %o is named once, with the one that was probably meant', async (options, what, cure) => {
    const errors = await errorsOf(options);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`unknown-option: ${what}, so that one does nothing.`);
    expect(errors[0]).toContain(cure);
  });

  it('stops nothing: the connection opens', async () => {
    const { connection, server, errors } = createScenario(untyped<ScenarioOptions<Message>>({ maxRetry: 3 }));
    connection.connect({ userId: 'ada' });
    server.accepts();
    await Promise.resolve();
    expect(connection.status).toBe('open');
    expect(errors.map(({ code }) => code)).toEqual(['unknown-option']);
    connection.dispose();
  });

  it('is no word where its value is undefined, nor after dispose', async () => {
    expect(await errorsOf({ maxRetry: undefined })).toEqual([]);
    const { connection, errors } = createScenario(untyped<ScenarioOptions<Message>>({ maxRetry: 3 }));
    connection.dispose();
    await Promise.resolve();
    expect(errors).toEqual([]);
  });

  it('quotes no value, and a name of any length only in part', async () => {
    const errors = await errorsOf({ ['x'.repeat(10_000)]: 'secret' });
    expect(errors[0]).not.toContain('secret');
    expect(errors[0]?.length).toBeLessThan(400);
  });
});

describe('getToken that returns no token', () => {
  it.each([null, undefined, ''])('(%s) says that nobody is signed in, once each connect', async (token) => {
    const { connection, errors } = createScenario({ getToken: () => untyped<string>(token) });
    connection.connect({ userId: 'ada' });
    expect(errors.map(({ code }) => code)).toEqual(['token-missing']);
    expect(errors[0]?.message).toContain('nobody is signed in, so nothing was dialled');
    expect(errors[0]?.message).toContain(token === '' ? 'an empty string' : String(token));
    await vi.waitFor(() => expect(errors[0]?.message).toContain('Call connect() when there is a token'));
    expect(connection.status).toBe('idle');
    connection.dispose();
  });

  it('for a refresh is no further word: the status is failed', () => {
    const { connection, server, errors } = createScenario({
      getToken: ({ reason }) => (reason === 'refresh' ? null : 'old-token'),
    });
    connection.connect({ userId: 'ada' });
    server.accepts();
    server.closes(4401);
    expect(connection.getSnapshot()).toMatchObject({ status: 'failed', failure: 'rejected' });
    expect(errors).toEqual([]);
    connection.dispose();
  });

  it('is none where the person has logged out meanwhile', async () => {
    const { connection, errors } = createScenario({ getToken: async () => null });
    connection.connect({ userId: 'ada' });
    connection.logout();
    await Promise.resolve();
    expect(errors).toEqual([]);
    connection.dispose();
  });
});

describe('a listener that is no function', () => {
  const calls = ['onMessage', 'subscribe', 'onError', 'onDiscontinuity'] as const;

  it.each(calls)('given to %s is refused at the call, by its name', (call) => {
    const { connection } = createScenario();
    const listen = () => connection[call](untyped(undefined));
    expect(listen).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(listen).toThrow(`${call}(listener) needs a function as its listener; it got undefined.`);
    connection.dispose();
  });

  it('given to on is refused at the call, and so is a type that is no string', () => {
    const { connection } = createScenario();
    expect(() => connection.on('CHAT', untyped({}))).toThrow(
      "on('SOME_TYPE', (message) => …) needs a function as its listener; it got object.",
    );
    expect(() =>
      connection.on(
        untyped<string>(() => {}),
        untyped(undefined),
      ),
    ).toThrow('needs the type of the messages first, as a string; it got function.');
    connection.dispose();
  });
});

describe('a socket that the platform will not make', () => {
  const SECRET = 'my-secret';
  const wordsFor = async (options: Partial<ConnectionOptions<Message>>) => {
    const errors: StatesocketError[] = [];
    const connection = createConnection({
      url: 'wss://server.test/',
      WebSocket: class extends createFakeServer().WebSocket {
        constructor(url: string) {
          super(url);
          throw new SyntaxError(`Failed to construct 'WebSocket': ${url}`);
        }
      },
      ...options,
    });
    connection.onError((error) => errors.push(error));
    connection.connect({ userId: 'ada' });
    expect(connection.getSnapshot()).toMatchObject({ status: 'failed', failure: 'misconfigured' });
    connection.dispose();
    expect(errors.map(({ code }) => code)).toEqual(['socket-impossible']);
    await vi.waitFor(() => expect(errors[0]?.message).toContain('Why: '));
    expect(JSON.stringify(said(errors))).not.toContain(SECRET);
    return errors[0]?.message ?? '';
  };

  it.each([
    [`/connect/${SECRET}/`, 'the URL is relative'],
    [`//server.test/${SECRET}`, 'the URL is relative'],
    ['', 'the URL is empty; write one such as wss://'],
    [
      `https://server.test/${SECRET}`,
      'the URL begins with https:, and this platform takes ws: and wss: only; write wss:',
    ],
    [`http://server.test/${SECRET}`, 'write ws:'],
    [`localhost:8080/${SECRET}`, 'the URL begins with neither ws: nor wss:; write wss:// before the host'],
    [`wss://server.test/#${SECRET}`, 'the URL has a #, and a WebSocket takes no fragment'],
    [`wss://server.test:port/${SECRET}`, 'the URL cannot be read; check its host and port'],
    [`wss://server.test/${SECRET}`, 'it does not say why in words that hold no URL'],
  ])('for the URL %s is told why, without the URL', async (url, words) => {
    expect(await wordsFor({ url: () => url })).toContain(words);
  });

  it.each([
    ['https:', `ws://server.test/${SECRET}`, true],
    ['https:', `ws://localhost:8080/${SECRET}`, false],
    ['https:', `wss://server.test/${SECRET}`, false],
    ['http:', `ws://server.test/${SECRET}`, false],
  ])('on a page of %s, for %s: mixed content is %s', async (protocol, url, isMixed) => {
    vi.stubGlobal('location', { protocol });
    expect((await wordsFor({ url })).includes('(mixed content); write wss:')).toBe(isMixed);
  });
});

describe('a socket of ws: that fails on a page of https:', () => {
  it.each([
    ['https:', 'ws://server.test/secret', true],
    ['https:', 'ws://127.0.0.1/secret', false],
    ['http:', 'ws://server.test/secret', false],
  ])('on %s, for %s: mixed content is named: %s', (protocol, url, isNamed) => {
    vi.stubGlobal('location', { protocol });
    const { connection, server, errors } = createScenario({ url });
    connection.connect({ userId: 'ada' });
    server.refuses();
    expect(errors.map(({ code }) => code)).toEqual(['socket-error']);
    expect(errors[0]?.message.includes('(mixed content); write wss:')).toBe(isNamed);
    expect(errors[0]?.message).not.toContain('secret');
    connection.dispose();
  });
});

describe('subprotocols', () => {
  it.each([
    [['chat', 'chat'], 'a subprotocol is given twice'],
    ['', 'a subprotocol may hold letters'],
    [['token=='], 'a token in it as base64url'],
    ['two words', 'a subprotocol may hold letters'],
    [{ reconnect: false }, 'each subprotocol must be a string'],
    [[1], 'each subprotocol must be a string'],
  ])('such as %j are refused at creation', (protocols, words) => {
    const create = () => createConnection(untyped<{ url: string }>({ url: 'wss://server.test/', protocols }));
    expect(create).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(create).toThrow(words);
  });

  it.each([[['chat.v2', 'CHAT.v2']], ['graphql-transport-ws'], [[]]])(
    'such as %j are offered',
    (protocols) => {
      const { connection, server } = createScenario({ protocols });
      connection.connect({ userId: 'ada' });
      expect(server.latest.protocols).toEqual(protocols);
      connection.dispose();
    },
  );
});
