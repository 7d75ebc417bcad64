import { describe, expect, it } from 'vitest';
import { COMMAND_DEADLINE_MS } from '../../src/gateway/commands/command-queue.ts';
import { type Engine, type GatewayOptions, memoryEngine } from '../../src/gateway/index.ts';
import { startGateway } from './support/gateway-harness.ts';
import { command, settle, startHub } from './support/hub-harness.ts';

describe('an engine that does not answer', () => {
  it.each(['HELLO', 'RESUME'] as const)(
    'for two heartbeats closes the socket of a client that says %s',
    async (type) => {
      const memory = memoryEngine();
      let isHanging = false;
      const engine: Engine = {
        ...memory,
        readAfter: (...given) => (isHanging ? new Promise(() => {}) : memory.readAfter(...given)),
      };
      const { hub, clock, connect, errors } = startHub({ engine });
      const anna = await connect('anna');
      await anna.say({ type, after: null });
      isHanging = true;
      await hub.publish(['anna'], { type: 'A' });
      await settle();
      for (let beat = 0; beat < 3 && anna.closeCode === null; beat += 1) {
        clock.passes(14_000);
        await settle();
      }
      expect(anna.closeCode).toBe(1013);
      expect(errors).toMatchObject([{ code: 'engine-failed' }]);
    },
  );

  it('whether something is partially fanned out closes the socket likewise', async () => {
    const memory = memoryEngine();
    let isHanging = false;
    const engine: Engine = {
      ...memory,
      unfanned: (userId) => (isHanging ? new Promise(() => {}) : memory.unfanned(userId)),
    };
    const { clock, connect, errors } = startHub({ engine });
    const anna = await connect('anna');
    await anna.resume(null);
    isHanging = true;
    for (let beat = 0; beat < 4 && anna.closeCode === null; beat += 1) {
      clock.passes(14_000);
      await settle();
    }
    expect(anna.closeCode).toBe(1013);
    expect(errors).toMatchObject([{ code: 'engine-failed' }]);
  });
});

describe('what is reported', () => {
  it.each<[string, GatewayOptions['handle'], RegExp]>([
    [
      'users that are no list',
      (_, { publishVolatile }) => publishVolatile(5 as never, { type: 'A' }),
      /A command failed/,
    ],
    [
      'bytes that are none',
      (_, { publishBinary }) => publishBinary(['bert'], 5 as never),
      /A command failed/,
    ],
  ])('of %s is true', async (_, handle, words) => {
    const { connect, errors } = startHub({ handle });
    const anna = await connect('anna');
    await anna.say({ type: 'A' });
    await anna.say({ type: 'B' });
    expect(errors[0]).toMatchObject({ code: 'command-failed', message: expect.stringMatching(words) });
  });

  it('names the engine where a call throws at once', async () => {
    const engine: Engine = {
      ...memoryEngine(),
      resumeCommands: () => {
        throw new Error('redis is gone');
      },
    };
    const { connect, errors } = startHub({ engine });
    const anna = await connect('anna');
    await anna.resume(null);
    await anna.say(command('page', 1));
    expect(errors).toMatchObject([
      {
        code: 'engine-failed',
        message: 'A command could not be decided.',
        cause: { message: 'redis is gone' },
      },
    ]);
  });

  it('says that a message could not be stored, and why', async () => {
    const engine: Engine = {
      ...memoryEngine(),
      append: () => Promise.reject(new Error('redis is gone')),
    };
    const { connect, errors } = startHub({
      engine,
      handle: (_, { publish }) => publish(['bert'], { type: 'NEWS' }),
    });
    await (await connect('anna')).say({ type: 'A' });
    expect(errors).toMatchObject([
      {
        code: 'engine-failed',
        message: 'A message could not be stored.',
        cause: { message: 'redis is gone' },
      },
    ]);
  });

  it('says that a command did not finish in time', async () => {
    const { clock, connect, errors } = startHub({ handle: () => new Promise(() => {}) });
    await (await connect('anna')).say({ type: 'A' });
    clock.passes(COMMAND_DEADLINE_MS);
    await settle();
    expect(errors).toMatchObject([{ code: 'command-failed', message: 'A command did not finish in time.' }]);
  });

  it('is a verdict that throws when it is read', async () => {
    const { dial, errors } = await startGateway({
      authenticate: async () => ({
        get userId(): string {
          throw new Error('secret');
        },
      }),
    });
    expect((await dial('anna').closed).code).toBe(1013);
    expect(errors).toMatchObject([{ code: 'authenticate-failed', message: expect.stringMatching(/userId/) }]);
    expect(errors[0]?.cause).toBeUndefined();
  });
});
