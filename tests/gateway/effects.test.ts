import { describe, expect, it } from 'vitest';
import type { CommandContext, HandleCommand } from '../../src/gateway/commands/command.ts';
import { EMPTY_POSITION, type Engine, memoryEngine } from '../../src/gateway/index.ts';
import { command, settle, startHub } from './support/hub-harness.ts';

const textsOf = async (engine: Engine, userId: string) =>
  ((await engine.readAfter(userId, EMPTY_POSITION, 1_000)) ?? []).map(({ text }) => JSON.parse(text).text);
const say = (text: string) => ({ type: 'NEW_MESSAGE', text });

describe('what a handler publishes', () => {
  it('is carried out after it has returned: first what is durable, then the rest in its order', async () => {
    let finish = () => {};
    const { connect, engine } = startHub({
      async handle(_command, context) {
        context.publishVolatile(['bert'], { type: 'TYPING' });
        context.reply({ type: 'DONE' });
        context.publishBinary(['bert'], new Uint8Array(3));
        context.publish(['bert'], say('durable'));
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
      },
    });
    const [anna, bert] = [await connect('anna'), await connect('bert')];
    await bert.resume(EMPTY_POSITION);
    await anna.say({ type: 'PLAIN' });
    expect(bert.types).toEqual(['WELCOME', 'RESUMED', 'PRESENCE']);
    expect(await textsOf(engine, 'bert')).toEqual([]);
    finish();
    await settle();
    expect(
      bert.transport.log.slice(3).map((line) => (line.startsWith('binary') ? line : JSON.parse(line).type)),
    ).toEqual(['NEW_MESSAGE', 'TYPING', 'binary 3']);
    expect(anna.of('DONE')).toHaveLength(1);
  });

  it('for the sender too comes as it was published where the command has no key', async () => {
    const { connect, engine } = startHub({
      handle: (_command, { publish }) => publish(['anna', 'bert'], say('hello')),
    });
    await (await connect('anna')).say({ type: 'PLAIN' });
    for (const user of ['anna', 'bert']) {
      const entries = await engine.readAfter(user, EMPTY_POSITION, 10);
      expect(entries?.map(({ text }) => JSON.parse(text))).toEqual([say('hello')]);
    }
  });

  it('is not when it throws, whatever the kind of command', async () => {
    for (const frame of [{ type: 'PLAIN' }, command('page', 1)]) {
      const { connect, engine } = startHub({
        handle(_command, context) {
          context.publish(['bert'], say('durable'));
          context.publishVolatile(['bert'], { type: 'TYPING' });
          context.reply({ type: 'DONE' });
          throw new Error('boom');
        },
      });
      const [anna, bert] = [await connect('anna'), await connect('bert')];
      await bert.resume(EMPTY_POSITION);
      await anna.say(frame);
      expect(anna.closeCode).toBe(1013);
      expect(anna.of('DONE')).toEqual([]);
      expect(bert.types).toEqual(['WELCOME', 'RESUMED', 'PRESENCE']);
      expect(await textsOf(engine, 'bert')).toEqual([]);
    }
  });

  it('after it has returned is dropped and reported: it would be lost on a crash', async () => {
    let kept: CommandContext | undefined;
    const { connect, engine, errors } = startHub({
      handle(_command, context) {
        kept = context;
      },
    });
    const anna = await connect('anna');
    await anna.say(command('page', 1));
    kept?.publish(['bert'], say('too late'));
    kept?.reply({ type: 'DONE' });
    kept?.reject('too-late');
    expect(errors.map(({ code }) => code)).toEqual(['command-failed', 'command-failed', 'command-failed']);
    expect(await textsOf(engine, 'bert')).toEqual([]);
    expect(anna.closeCode).toBeNull();
  });

  it('when it took longer than 30 s comes to nothing: the command has failed', async () => {
    let finish = () => {};
    const { connect, clock, engine } = startHub({
      limits: { heartbeatMs: 30_000 },
      async handle(_command, context) {
        context.publish(['bert'], say('late'));
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
      },
    });
    for (const frame of [{ type: 'PLAIN' }, command('page', 1)]) {
      const anna = await connect('anna');
      await anna.say(frame);
      clock.passes(30_000);
      finish();
      await settle();
      expect(anna.closeCode).toBe(1013);
    }
    expect(await textsOf(engine, 'bert')).toEqual([]);
    expect((await engine.recall('anna', 'page', 1)).decided).toBe(0);
  });

  it('to one recipient by several calls is stored as one: all or none, in order', async () => {
    const engine = memoryEngine();
    const appends: (readonly string[])[] = [];
    const { connect } = startHub({
      engine: {
        ...engine,
        append(userId, texts, mark) {
          appends.push([userId, ...texts.map((text) => JSON.parse(text).text)]);
          return engine.append(userId, texts, mark);
        },
      },
      handle(_command, { publish }) {
        publish(['bert', 'cleo', 'bert'], say('1'));
        publish(['anna'], say('2'));
        publish(['bert', 'anna'], say('3'));
        publish([], say('nobody'));
      },
    });
    const anna = await connect('anna');
    await anna.say(command('page', 1));
    expect(appends).toEqual([
      ['bert', '1', '3'],
      ['cleo', '1'],
      ['anna', '2', '3'],
    ]);
  });

  it.each([
    ['no message', (context: CommandContext) => context.publish(['bert'], { type: 7 as never })],
    ['a cycle', (context: CommandContext) => context.reply({ type: 'X', big: 1n })],
    ['a row 0', (context: CommandContext) => context.publish(['bert'], say('x'), { outbox: 'mail', row: 0 })],
    [
      'a row and a half',
      (context: CommandContext) => context.publish(['bert'], say('x'), { outbox: 'mail', row: 1.5 }),
    ],
    ['no code', (context: CommandContext) => context.reject('')],
    ['an endless code', (context: CommandContext) => context.reject('x'.repeat(129))],
  ])('throws where it is said for %s', async (_what, misuse) => {
    let thrown: unknown;
    const { connect } = startHub({
      handle(_command, context) {
        try {
          misuse(context);
        } catch (error) {
          thrown = error;
        }
      },
    });
    const anna = await connect('anna');
    await anna.say(command('page', 1));
    expect(['message-not-serialisable', 'bad-option']).toContain((thrown as { code?: string }).code);
    expect(anna.of('RECEIPT')).toEqual([{ type: 'RECEIPT', clientId: 'page', n: 1, rejected: [] }]);
  });

  it('live is done once, not for a command that was decided before', async () => {
    const { connect } = startHub({
      handle: (_command, { reply }) => reply({ type: 'DONE' }),
    });
    const [first, second] = [await connect('anna'), await connect('anna')];
    for (const socket of [first, second]) await socket.resume(null);
    await first.say(command('page', 1));
    await second.say(command('page', 1));
    expect(first.of('DONE')).toHaveLength(1);
    expect(second.of('DONE')).toEqual([]);
    expect(second.of('RECEIPT')).toHaveLength(1);
  });

  it('as a reply waits for the first PRESENCE, which nothing volatile may precede', async () => {
    let answer = () => {};
    const { connect } = startHub({
      handle: (_command, { reply }) => reply({ type: 'DONE' }),
      presence: {
        watchers: () => [],
        watched: () =>
          new Promise((resolve) => {
            answer = () => resolve([]);
          }),
      },
    });
    const anna = await connect('anna');
    await anna.say([{ type: 'RESUME', after: null }, { type: 'PLAIN' }]);
    expect(anna.types).toEqual(['WELCOME', 'RESUMED']);
    answer();
    await settle();
    expect(anna.types).toEqual(['WELCOME', 'RESUMED', 'PRESENCE', 'DONE']);
  });

  it('by a command without a name that is rejected is not stored, and its reply is sent', async () => {
    const handle: HandleCommand = (_command, { publish, reply, reject, key }) => {
      publish(['bert'], say('no'));
      reject('not-allowed');
      reply({ type: 'REJECTED', key });
    };
    const { connect, engine } = startHub({ handle });
    const anna = await connect('anna');
    await anna.say({ type: 'PLAIN' });
    expect(anna.messages.at(-1)).toEqual({ type: 'REJECTED', key: null });
    expect(await textsOf(engine, 'bert')).toEqual([]);
  });
});

describe('an origin', () => {
  it('makes a row of an outbox reach each user once, also after a failure half-way', async () => {
    const engine = memoryEngine();
    let broken = true;
    const { hub } = startHub({
      engine: {
        ...engine,
        append: (userId, ...rest) =>
          broken && userId === 'cleo' ? Promise.reject(new Error('gone')) : engine.append(userId, ...rest),
      },
    });
    const publish = (row: number) =>
      hub.publish(['bert', 'cleo'], say(`row ${row}`), { outbox: 'mail', row });
    await expect(publish(1)).rejects.toMatchObject({ code: 'engine-failed' });
    broken = false;
    await publish(1);
    await publish(1);
    await publish(2);
    for (const userId of ['bert', 'cleo']) expect(await textsOf(engine, userId)).toEqual(['row 1', 'row 2']);
  });

  it('is not touched by other outboxes, nor by any user who takes its name', async () => {
    const { hub, connect, engine } = startHub({
      handle: (given, { publish }) => {
        if (given.kind === 'message') publish(['bert'], { ...given.message, type: 'NEW_MESSAGE' });
      },
    });
    const eve = await connect('mail');
    await eve.say(command('mail', 9, { text: 'eve' }));
    const other = await connect('app');
    await other.say(command('mail', 9, { text: 'app' }));
    await hub.publish(['bert'], say('letter'), { outbox: 'letters', row: 5 });
    await hub.publish(['bert'], say('mail'), { outbox: 'mail', row: 1 });
    expect(await textsOf(engine, 'bert')).toEqual(['eve', 'app', 'letter', 'mail']);
  });

  it('is told apart from every command, whatever the names of users, clients and outboxes are (I14)', async () => {
    const { hub, connect, engine } = startHub({
      handle: (given, { publish }) => {
        if (given.kind === 'message') publish(['bert'], { ...given.message, type: 'NEW_MESSAGE' });
      },
    });
    // Each pair would be one name if the names were only put one behind the other.
    for (const [user, client] of [
      ['eve x', 'page'],
      ['eve', 'x page'],
      ['eve","x', 'page'],
      ['eve', 'x","page'],
    ] as const) {
      const n = user === 'eve' ? 1 : 9;
      await (await connect(user)).say(command(client, n, { text: `${user} ${client}` }));
    }
    await hub.publish(['bert'], say('from the app'), { outbox: 'user:["anna","page"]', row: 9 });
    await (await connect('anna')).say(command('page', 1, { text: 'anna' }));

    expect(await textsOf(engine, 'bert')).toEqual([
      'eve x page',
      'eve x page',
      'eve","x page',
      'eve x","page',
      'from the app',
      'anna',
    ]);
  });

  it.each([
    ['rows of one outbox', { outbox: 'mail', row: 1 }, { outbox: 'mail', row: 2 }],
    ['outboxes at the same row', { outbox: 'mail', row: 1 }, { outbox: 'letters', row: 1 }],
  ])(
    'of two %s in one command keeps them apart: each is a repeat by itself',
    async (_what, first, second) => {
      const { hub, connect, engine } = startHub({
        handle(_command, { publish }) {
          publish(['bert'], say('first'), first);
          publish(['bert'], say('second'), second);
        },
      });
      await (await connect('anna')).say({ type: 'PLAIN' });

      await hub.publish(['bert'], say('again'), first);
      await hub.publish(['bert'], say('again'), second);

      expect(await textsOf(engine, 'bert')).toEqual(['first', 'second']);
    },
  );

  it('makes a command without a name publish once, however often it is sent', async () => {
    const { connect, engine } = startHub({
      handle(_command, { publish }) {
        publish(['bert'], say('once'), { outbox: 'message 17', row: 1 });
        publish(['anna'], say('echo'));
      },
    });
    const anna = await connect('anna');
    for (let times = 0; times < 3; times += 1) await anna.say({ type: 'PLAIN' });
    expect(await textsOf(engine, 'bert')).toEqual(['once']);
    expect(await textsOf(engine, 'anna')).toEqual(['echo', 'echo', 'echo']);
  });

  it('is kept with a decision, and counts when a crash has left it untold', async () => {
    const engine = memoryEngine();
    let broken = true;
    const handle: HandleCommand = (_command, { publish }) => {
      publish(['bert'], say('once'), { outbox: 'message 17', row: 1 });
    };
    const { connect } = startHub({
      engine: {
        ...engine,
        append: (...args) => (broken ? Promise.reject(new Error('gone')) : engine.append(...args)),
      },
      handle,
    });
    const first = await connect('anna');
    await first.say(command('page', 1));
    expect(first.closeCode).toBe(1013);
    broken = false;
    const second = await connect('anna');
    await second.say(command('page', 1));
    const third = await connect('anna');
    await third.say(command('other page', 1));
    expect(await textsOf(engine, 'bert')).toEqual(['once']);
  });
});

describe('drain', () => {
  it('finishes and receipts the command that runs, drops those behind it, and closes with 1012', async () => {
    const finish: (() => void)[] = [];
    const { connect, hub, engine, clock } = startHub({
      async handle(given, { publish }) {
        if (given.kind === 'message') publish(['bert'], { ...given.message, type: 'NEW_MESSAGE' });
        await new Promise<void>((resolve) => finish.push(resolve));
      },
    });
    const [anna, idle] = [await connect('anna'), await connect('bert')];
    await anna.resume(null);
    await anna.say([command('page', 1, { text: '1' }), command('page', 2, { text: '2' })]);
    const drained = hub.drain();
    await settle();
    expect(idle.closeCode).toBe(1012);
    expect(anna.closeCode).toBeNull();
    await anna.say(command('page', 3, { text: '3' }));
    finish[0]?.();
    await drained;
    expect(anna.of('RECEIPT')).toEqual([{ type: 'RECEIPT', clientId: 'page', n: 1, rejected: [] }]);
    expect(anna.transport.log.at(-1)).toBe('close 1012 server restarts');
    expect(finish).toHaveLength(1);
    expect(await textsOf(engine, 'bert')).toEqual(['1']);
    expect(clock.timerCount).toBe(0);
  });

  it('waits 1.5 s for a command that hangs, and no longer', async () => {
    const { connect, hub, clock } = startHub({ handle: () => new Promise(() => {}) });
    const anna = await connect('anna');
    await anna.say(command('page', 1));
    const drained = hub.drain();
    clock.passes(1_499);
    await settle();
    expect(anna.closeCode).toBeNull();
    clock.passes(1);
    await drained;
    expect(anna.closeCode).toBe(1012);
  });
});
