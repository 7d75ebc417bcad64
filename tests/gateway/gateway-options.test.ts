import { describe, expect, it } from 'vitest';
import { createGateway, type GatewayOptions, memoryEngine, sqliteEngine } from '../../src/gateway/index.ts';
import { startGateway } from './support/gateway-harness.ts';

const thrownBy = (make: () => unknown): { code?: string; message?: string } => {
  try {
    make();
  } catch (error) {
    return error as Error;
  }
  return {};
};

describe('the options of createGateway', () => {
  it.each([
    ['trustproxy', 1, 'trustProxy'],
    ['maxSocketPerUser', 3, 'maxSocketsPerUser'],
    ['onEror', () => {}, 'onError'],
    ['allowedOrigin', [], 'allowedOrigins'],
  ])('that nobody reads keep the server from starting: %s', async (name, value, meant) => {
    await expect(startGateway({ [name]: value })).rejects.toMatchObject({
      code: 'bad-option',
      message: `createGateway: There is no option ${name}. Did you mean ${meant}?`,
    });
  });

  it('that are like none of ours are shown beside all that there are, cut', async () => {
    const name = 'z'.repeat(200);
    const error = await startGateway({ [name]: 1 }).catch((reason: Error) => reason);
    expect(String(error)).toContain(
      `There is no option ${'z'.repeat(64)}. It knows server, engine, authenticate, `,
    );
  });

  it('that are undefined say nothing, whatever their name', async () => {
    const { gateway } = await startGateway({ ['trustproxy' as string]: undefined });
    expect(gateway.connectionCount).toBe(0);
  });

  it('are all looked at: what is missing and what is wrong is one message', () => {
    const { code, message } = thrownBy(() => createGateway({ heartbeatMs: 0, trustproxy: 1 } as never));
    expect(code).toBe('bad-option');
    expect(message).toBe(
      'createGateway: There is no option trustproxy. Did you mean trustProxy? ' +
        'server must be an HTTP server, such as createServer() of node:http or what app.listen() returns. ' +
        'engine must be an engine, such as memoryEngine() or sqliteEngine({ file }). ' +
        'authenticate must be a function. handle must be a function. ' +
        'allowedOrigins must be a list of origins, such as ["https://example.org"], or a function. ' +
        'heartbeatMs must be a number from 1 to 30000.',
    );
  });

  it.each([undefined, null, {}])('must be there: %j', (options) => {
    expect(thrownBy(() => createGateway(options as never)).message).toMatch(
      /^createGateway: server must be /,
    );
  });

  it.each<[string, unknown, string]>([
    ['engine', memoryEngine, 'engine must be an engine'],
    [
      'server',
      Object.assign(() => {}, { on() {}, off() {}, emit() {}, listenerCount: () => 0 }),
      'app.listen()',
    ],
    ['presence', 'everybody', 'presence must be { watchers, watched }, two functions, or left out.'],
    ['onError', 'log', 'onError must be a function, or left out.'],
    ['clock', {}, 'clock must have now'],
    ['trustProxy', true, 'trustProxy must be a number of proxies or a list'],
    ['allowedOrigins', ['a.example', 'https://b.example/'], 'allowedOrigins[1] is not what a browser sends'],
  ])('say of %s what it must be', async (name, value, message) => {
    const option = { [name]: value } as Partial<GatewayOptions>;
    await expect(startGateway(option)).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringContaining(message),
    });
  });
});

it.each([
  [0, 0],
  ['1 MB', 0],
])('a limit that depends on another one says what it may be where both are wrong: %s', (largest, least) => {
  const options = { maxPayloadBytes: largest, maxInputBytesPerUser: least };
  expect(thrownBy(() => createGateway(options as never)).message).toContain(
    'maxInputBytesPerUser must be a number from 1 to ',
  );
  expect(
    thrownBy(() => createGateway({ maxPayloadBytes: 5_000, maxInputBytesPerUser: 4_999 } as never)).message,
  ).toContain('maxInputBytesPerUser must be a number from 5000 to ');
});

describe('the options of an engine', () => {
  it.each<[string, () => unknown, string]>([
    [
      'memoryEngine',
      () => memoryEngine({ retension: { maxCount: 5 } } as never),
      'memoryEngine knows no option retension. Did you mean retention?',
    ],
    [
      'the retention of memoryEngine',
      () => memoryEngine({ retention: { maxcount: 5 } as never }),
      'memoryEngine: retention knows no option maxcount. Did you mean maxCount?',
    ],
    [
      'sqliteEngine',
      () => sqliteEngine({ file: 'never-made.db', maxCount: 5 } as never),
      'sqliteEngine knows no option maxCount. It knows file, retention, now, suffix.',
    ],
    [
      'the retention of sqliteEngine',
      () => sqliteEngine({ file: 'never-made.db', retention: { maxAge: 5 } as never }),
      'sqliteEngine: retention knows no option maxAge. Did you mean maxAgeMs?',
    ],
  ])('that nobody reads are thrown, and no file is made: %s', (_what, make, message) => {
    expect(thrownBy(make)).toMatchObject({ code: 'bad-option', message });
  });

  it('must name a file for sqliteEngine, also where there are none at all', () => {
    expect(thrownBy(() => sqliteEngine(undefined as never)).message).toMatch(/^sqliteEngine needs a file/);
  });
});
