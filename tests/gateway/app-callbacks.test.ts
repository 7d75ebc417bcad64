import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Engine, type GatewayOptions, memoryEngine } from '../../src/gateway/index.ts';
import { PAGE, startGateway, tokenOf, userOf } from './support/gateway-harness.ts';
import { command } from './support/hub-harness.ts';

/** What a callback of the app may do in place of its work. */
const FAULTS: Record<string, () => unknown> = {
  throws: () => {
    throw new Error('the app is broken');
  },
  rejects: () => Promise.reject(new Error('the app is broken')),
  'throws null': () => {
    throw null;
  },
  'returns a number': () => 5,
  'returns an object that throws when it is read': () =>
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('nothing to see');
        },
      },
    ),
  'never resolves': () => new Promise(() => {}),
};

/** On a machine that is busy, soon is later. */
const SOON = { timeout: 10_000, interval: 5 };

type Options = Partial<GatewayOptions>;
type Method = keyof Omit<Engine, 'close'>;
const METHODS: readonly Method[] = [
  'append',
  'readAfter',
  'last',
  'subscribe',
  'decide',
  'recall',
  'fanned',
  'resumeCommands',
  'unfanned',
];

/** An engine one of whose methods fails for anna alone. */
const engineWith = (method: Method, fault: () => unknown): Engine => {
  const memory = memoryEngine();
  const whole = memory[method] as (userId: string, ...rest: never[]) => unknown;
  return {
    ...memory,
    [method]: (userId: string, ...rest: never[]) => (userId === 'anna' ? fault() : whole(userId, ...rest)),
  };
};
const unsubscribing = (fault: () => unknown): Engine => {
  const memory = memoryEngine();
  return {
    ...memory,
    subscribe(userId, doorbell) {
      const stop = memory.subscribe(userId, doorbell);
      return () => {
        stop();
        return userId === 'anna' ? (fault() as undefined) : undefined;
      };
    },
  };
};
const nobody = { watchers: () => [], watched: () => [] };

/** The options of a gateway one of whose callbacks fails, for anna where it knows whom it is about. */
const CALLBACKS: Record<string, (fault: () => never) => Options> = {
  authenticate: (fault) => ({
    authenticate: async (token) => (token === tokenOf('anna') ? fault() : userOf(token)),
  }),
  'authenticate at a heartbeat': (fault) => ({
    authenticate: async (token, why) =>
      token === tokenOf('anna') && why === 'check' ? fault() : userOf(token),
  }),
  allowedOrigins: (fault) => ({ allowedOrigins: () => fault() }),
  handle: (fault) => ({ handle: (_, { userId }) => (userId === 'anna' ? fault() : undefined) }),
  'presence.watchers': (fault) => ({
    presence: { ...nobody, watchers: (userId) => (userId === 'anna' ? fault() : []) },
  }),
  'presence.watched': (fault) => ({
    presence: { ...nobody, watched: (userId) => (userId === 'anna' ? fault() : []) },
  }),
  onError: (fault) => ({ onError: () => fault() }),
  unsubscribe: (fault) => ({ engine: unsubscribing(fault) }),
  ...Object.fromEntries(
    METHODS.map((method) => [
      `engine.${method}`,
      (fault: () => never): Options => ({ engine: engineWith(method, fault) }),
    ]),
  ),
};

/** Anna does all that a client can, with a socket of each kind, and is gone. */
const annaComesAndGoes = async ({ dial }: Awaited<ReturnType<typeof startGateway>>) => {
  const plain = dial('anna', { origin: PAGE });
  const resumable = dial('anna', { origin: PAGE });
  const frames = [
    [plain, { type: 'HELLO' }, 'garbage'],
    [resumable, { type: 'RESUME', after: null }, command('page', 1), command('page', 2), command('page', 1)],
  ] as const;
  for (const [client, ...all] of frames)
    client.ws.once('open', () => {
      for (const frame of all) client.send(frame);
    });
  await wait(80);
  for (const { ws } of [plain, resumable]) ws.terminate();
};

describe('a callback of the app', () => {
  const unhandled = vi.fn();
  beforeEach(() => {
    unhandled.mockClear();
    process.on('unhandledRejection', unhandled);
    vi.spyOn(console, 'error').mockImplementation(() => {});
  });
  afterEach(() => {
    process.off('unhandledRejection', unhandled);
    vi.restoreAllMocks();
  });

  const cases = Object.entries(CALLBACKS).flatMap(([name, optionsOf]) =>
    Object.entries(FAULTS).map(([what, fault]) => ({ name, what, options: optionsOf(fault as () => never) })),
  );

  it.each(cases)('that fails ends nothing but its own: $name $what', async ({ options }) => {
    const handle: GatewayOptions['handle'] = (_, { userId, publish }) => publish([userId], { type: 'DONE' });
    const world = await startGateway({ heartbeatMs: 20, handle, presence: nobody, ...options });
    await annaComesAndGoes(world);

    expect(unhandled).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(world.gateway.connectionCount).toBe(0), SOON);
    const bert = await world.connect('bert');
    bert.send({ type: 'HELLO' });
    await bert.caughtUp();
    if (options.handle === undefined) await vi.waitFor(() => expect(bert.of('DONE')).toHaveLength(1), SOON);
    bert.ws.close();
    await vi.waitFor(() => expect(world.gateway.connectionCount).toBe(0), SOON);
    await world.gateway.close();
    expect(unhandled).not.toHaveBeenCalled();
  });
});
