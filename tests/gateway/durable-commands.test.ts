import { describe, expect, it, vi } from 'vitest';
import type { HandleCommand } from '../../src/gateway/commands/command.ts';
import { EMPTY_POSITION, type Engine, memoryEngine } from '../../src/gateway/index.ts';
import { command, passOnToBert, settle, startHub } from './support/hub-harness.ts';

const receipt = (n: number, rejected: { n: number; code: string }[] = [], clientId = 'page') => ({
  type: 'RECEIPT',
  clientId,
  n,
  rejected,
});
const textsOf = async (engine: Engine, userId: string) =>
  ((await engine.readAfter(userId, EMPTY_POSITION, 1_000)) ?? []).map(({ text }) => JSON.parse(text).text);

/** An engine that fails from the given call on, counted over all calls of the outbox, until it is fixed. */
const crashingEngine = (failAt: number) => {
  const engine = memoryEngine();
  let callCount = 0;
  let fixed = false;
  const call = <T>(run: () => Promise<T>): Promise<T> => {
    callCount += 1;
    return !fixed && callCount >= failAt ? Promise.reject(new Error('crash')) : run();
  };
  const crashing: Engine = {
    ...engine,
    append: (...args) => call(() => engine.append(...args)),
    decide: (...args) => call(() => engine.decide(...args)),
    fanned: (...args) => call(() => engine.fanned(...args)),
    resumeCommands: (...args) => call(() => engine.resumeCommands(...args)),
    unfanned: (...args) => call(() => engine.unfanned(...args)),
  };
  return {
    crashing,
    engine,
    fix() {
      fixed = true;
    },
  };
};

describe('a durable command', () => {
  it('is decided, told to its recipients and receipted, in this order (I2)', async () => {
    const { connect, engine } = startHub({ handle: passOnToBert() });
    const anna = await connect('anna');
    await anna.resume(null);
    await anna.say(command('page', 3, { text: 'hello' }));
    expect(await textsOf(engine, 'bert')).toEqual(['hello']);
    expect(anna.of('RECEIPT')).toEqual([receipt(3)]);
    expect((await engine.recall('anna', 'page', 3)).stored).toMatchObject({ verdict: 'done', fanned: true });
  });

  it('has one effect and one receipt a time, on the same socket, another one and another node (I3)', async () => {
    const handle = passOnToBert();
    const { connect, engine } = startHub({ handle });
    const node = startHub({ engine, handle });
    const sockets = [await connect('anna'), await connect('anna'), await node.connect('anna')];
    for (const socket of sockets) {
      await socket.say(command('page', 1, { text: 'once' }));
      await socket.say(command('page', 1, { text: 'once' }));
      expect(socket.of('RECEIPT')).toEqual([receipt(1), receipt(1)]);
    }
    expect(await textsOf(engine, 'bert')).toEqual(['once']);
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it('has one effect when two sockets bring it at the same moment (I3)', async () => {
    const finish: (() => void)[] = [];
    const { connect, engine } = startHub({
      async handle(given, { publish }) {
        await new Promise<void>((resolve) => finish.push(resolve));
        if (given.kind === 'message') publish(['bert', 'cleo'], { ...given.message, type: 'NEW_MESSAGE' });
      },
    });
    const [first, second] = [await connect('anna'), await connect('anna')];
    await first.say(command('page', 1, { text: 'once' }));
    await second.say(command('page', 1, { text: 'once' }));
    for (const done of finish) done();
    await settle();
    expect(finish).toHaveLength(2);
    expect(await textsOf(engine, 'bert')).toEqual(['once']);
    expect(await textsOf(engine, 'cleo')).toEqual(['once']);
    expect([first, second].map((socket) => socket.of('RECEIPT'))).toEqual([[receipt(1)], [receipt(1)]]);
  });

  describe('of a page that is gone, still at work while another page sends a later one of the same client', () => {
    /** The engine takes its time to append to one log, until it is let go on. */
    const slowFor = (userId: string) => {
      const engine = memoryEngine();
      const waiting: (() => void)[] = [];
      const slow: Engine = {
        ...engine,
        async append(user, texts, mark) {
          if (user === userId && mark?.n === 7) await new Promise<void>((resolve) => waiting.push(resolve));
          return engine.append(user, texts, mark);
        },
      };
      return { engine: slow, goOn: () => waiting.shift()?.() };
    };
    const handle: HandleCommand = (given, { publish }) => {
      if (given.kind === 'message') publish(['bert', 'cleo'], { ...given.message, type: 'NEW_MESSAGE' });
    };

    it.each([
      ['begins after it was decided', false],
      ['has begun before', true],
    ])('is told to all its recipients, and first, where the later socket %s (I3)', async (_, isEarly) => {
      const { engine, goOn } = slowFor('cleo');
      const { connect } = startHub({ engine, handle });
      const [gone, other] = [await connect('anna'), await connect('anna')];
      if (isEarly) await other.say(command('page', 6, { text: '6' }));
      await gone.say(command('page', 7, { text: '7' }));
      await other.say(command('page', 9, { text: '9' }));
      expect(await textsOf(engine, 'cleo')).toEqual(isEarly ? ['6'] : []);
      goOn();
      goOn();
      await settle();
      const all = isEarly ? ['6', '7', '9'] : ['7', '9'];
      expect(await textsOf(engine, 'bert')).toEqual(all);
      expect(await textsOf(engine, 'cleo')).toEqual(all);
      expect(other.of('RECEIPT').at(-1)).toEqual(receipt(9));
      expect(gone.of('RECEIPT')).toEqual([receipt(7)]);
    });

    it('is told first also where the later socket had asked for what came before it (I3)', async () => {
      const { engine, goOn } = slowFor('cleo');
      const { connect } = startHub({ engine, handle });
      const [gone, other] = [await connect('anna'), await connect('anna')];
      await gone.say(command('page', 5, { text: '5' }));
      await other.say(command('page', 5, { text: '5' }));
      await gone.say(command('page', 7, { text: '7' }));
      await other.say(command('page', 5, { text: '5' }));
      await other.say(command('page', 9, { text: '9' }));
      goOn();
      goOn();
      await settle();
      expect(await textsOf(engine, 'cleo')).toEqual(['5', '7', '9']);
    });
  });

  it('used again with another key closes with 4400, loudly, and nothing of it happens (I19)', async () => {
    const handle = passOnToBert();
    const { connect, engine, errors } = startHub({ handle });
    const first = await connect('anna');
    await first.say(command('page', 1, { text: 'first' }));
    for (const again of [
      command('page', 1, { text: 'other', key: 'another key' }),
      { type: 'SKIP', clientId: 'page', n: 1, key: 'another key' },
    ]) {
      const socket = await connect('anna');
      await socket.say([again, command('page', 2, { text: 'behind it' })]);
      expect(socket.closeCode).toBe(4400);
      expect(socket.of('RECEIPT')).toEqual([]);
    }
    expect(errors.map((error) => error.code)).toEqual(['command-reused', 'command-reused']);
    expect(await textsOf(engine, 'bert')).toEqual(['first']);
  });

  it('reaches handle without its name, with its key beside it; the echo alone carries the key (I14)', async () => {
    const handle = vi.fn<HandleCommand>((given, { publish }) => {
      if (given.kind === 'message') publish(['anna', 'bert'], { type: 'NEW_MESSAGE', nested: given.message });
    });
    const { connect } = startHub({ handle });
    const [anna, bert] = [await connect('anna'), await connect('bert')];
    await anna.resume(null);
    await bert.resume(null);
    await anna.say(command('page', 1, { text: 'hello' }));
    expect(handle.mock.calls[0]?.[0]).toEqual({ kind: 'message', message: { type: 'SEND', text: 'hello' } });
    expect(handle.mock.calls[0]?.[1].key).toBe('key page 1');
    expect(anna.of('NEW_MESSAGE')).toEqual([expect.objectContaining({ key: 'key page 1' })]);
    expect(JSON.stringify(bert.of('NEW_MESSAGE'))).not.toMatch(/key|clientId|page|"n"/);
    expect(bert.of('NEW_MESSAGE')).toHaveLength(1);
  });

  it('keeps the numbers of users apart: nobody touches the marks of another (I14)', async () => {
    const { connect, engine } = startHub({ handle: passOnToBert() });
    // A pair of names that would read like another pair, were they simply joined.
    const [anna, other, eve] = [await connect('a'), await connect('a:b'), await connect('eve')];
    await eve.say(command('page', 9, { text: 'eve' }));
    await anna.say(command('b:c', 7, { text: 'a with b:c' }));
    await other.say(command('c', 5, { text: 'a:b with c' }));
    await anna.say(command('page', 1, { text: 'a with page' }));
    expect(await textsOf(engine, 'bert')).toEqual(['eve', 'a with b:c', 'a:b with c', 'a with page']);
  });
});

describe('a verdict', () => {
  /** Rejects the commands whose text says so. */
  const judge: HandleCommand = (given, { publish, reject }) => {
    if (given.kind !== 'message') return;
    publish(['bert'], { ...given.message, type: 'NEW_MESSAGE' });
    if (given.message.text === 'no') reject('not-allowed');
  };

  it('of rejection publishes nothing and is told with its code, again and again', async () => {
    const handle = vi.fn(judge);
    const { connect, engine } = startHub({ handle });
    for (let times = 0; times < 3; times += 1) {
      const anna = await connect('anna');
      await anna.say(command('page', 1, { text: 'no' }));
      expect(anna.of('RECEIPT')).toEqual([receipt(1, [{ n: 1, code: 'not-allowed' }])]);
    }
    expect(await textsOf(engine, 'bert')).toEqual([]);
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it('holds for all numbers up to the one of the receipt: each receipt names all rejections of a window', async () => {
    const { connect } = startHub({ handle: judge, limits: { windowCount: 3 } });
    const anna = await connect('anna');
    const said = ['yes', 'no', 'yes', 'no', 'yes'];
    await anna.say(said.map((text, at) => command('page', 10 * (at + 1), { text })));
    const rejectedOf = anna
      .of('RECEIPT')
      .map(({ rejected }) => (rejected as { n: number }[]).map(({ n }) => n));
    expect(rejectedOf).toEqual([[], [20], [20], [20, 40], [40]]);
  });

  it('is kept until a higher number comes first on a socket: then it is receipted, and forgotten', async () => {
    const { connect, engine } = startHub({ handle: judge });
    const first = await connect('anna');
    await first.say([command('page', 1, { text: 'no' }), command('page', 2, { text: 'no' })]);
    const second = await connect('anna');
    await second.say(command('page', 2, { text: 'no' }));
    expect(second.of('RECEIPT')).toEqual([receipt(2, [{ n: 2, code: 'not-allowed' }])]);
    expect((await engine.recall('anna', 'page', 1)).stored).toBeNull();
    const third = await connect('anna');
    await third.say(command('page', 1, { text: 'no' }));
    expect(third.of('RECEIPT')).toEqual([receipt(1)]);
  });

  it('is skipped when a SKIP comes first, and the command that comes after all has no effect', async () => {
    const handle = passOnToBert();
    const { connect, engine } = startHub({ handle });
    const anna = await connect('anna');
    await anna.say({ type: 'SKIP', clientId: 'page', n: 1, key: 'key page 1' });
    await anna.say(command('page', 1, { text: 'late' }));
    const skipped = receipt(1, [{ n: 1, code: 'skipped' }]);
    expect(anna.of('RECEIPT')[0]).toEqual(skipped);
    expect(anna.of('RECEIPT').at(-1)).toMatchObject({
      n: 1,
      rejected: expect.arrayContaining([{ n: 1, code: 'skipped' }]),
    });
    expect(await textsOf(engine, 'bert')).toEqual([]);
    expect(handle).not.toHaveBeenCalled();
  });

  it('stands when the SKIP comes second: the command took effect', async () => {
    const { connect, engine } = startHub({ handle: passOnToBert() });
    const anna = await connect('anna');
    await anna.say(command('page', 1, { text: 'sent' }));
    const next = await connect('anna');
    await next.say({ type: 'SKIP', clientId: 'page', n: 1, key: 'key page 1' });
    expect(next.of('RECEIPT')).toEqual([receipt(1)]);
    expect(await textsOf(engine, 'bert')).toEqual(['sent']);
  });
});

describe('a crash of the engine', () => {
  const handle: HandleCommand = (given, { publish }) => {
    if (given.kind !== 'message') return;
    publish(['bert', 'cleo'], { ...given.message, type: 'NEW_MESSAGE' });
    publish(['bert'], { ...given.message, type: 'SECOND' });
  };

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'at write %d closes with 1013 and runs nothing more; sent again, all of it happens once (I2, I3)',
    async (failAt) => {
      const { crashing, engine, fix } = crashingEngine(failAt);
      const { connect, errors } = startHub({ engine: crashing, handle });
      const first = await connect('anna');
      const commands = [1, 2, 3].map((n) => command('page', n, { text: `${n}` }));
      await first.say(commands);
      const receiptedCount = first.of('RECEIPT').length;
      expect(first.closeCode).toBe(1013);
      expect(errors.map(({ code }) => code)).toEqual(['engine-failed']);
      expect(receiptedCount).toBeLessThan(3);
      fix();
      const second = await connect('anna');
      await second.say(commands.slice(receiptedCount));
      expect(second.of('RECEIPT').at(-1)).toEqual(receipt(3));
      expect(await textsOf(engine, 'bert')).toEqual(['1', '1', '2', '2', '3', '3']);
      expect(await textsOf(engine, 'cleo')).toEqual(['1', '2', '3']);
    },
  );

  it('leaves nothing partially fanned out when the sender never asks for it again, only for what came after', async () => {
    const { crashing, engine, fix } = crashingEngine(4); // resume, decide, bert, and then
    const { connect } = startHub({ engine: crashing, handle });
    const first = await connect('anna');
    await first.say(command('page', 1, { text: '1' }));
    expect(await textsOf(engine, 'cleo')).toEqual([]);
    fix();
    const second = await connect('anna');
    await second.say(command('page', 2, { text: '2' }));
    expect(second.of('RECEIPT')).toEqual([receipt(2)]);
    expect(await textsOf(engine, 'bert')).toEqual(['1', '1', '2', '2']);
    expect(await textsOf(engine, 'cleo')).toEqual(['1', '2']);
  });

  it('leaves nothing partially fanned out either when its page is gone for good, and the sender comes back with another', async () => {
    const { crashing, engine, fix } = crashingEngine(4);
    const { connect } = startHub({ engine: crashing, handle });
    const first = await connect('anna');
    await first.say(command('page', 1, { text: '1' }));
    expect(await textsOf(engine, 'cleo')).toEqual([]);
    fix();
    const second = await connect('anna');
    await second.resume(null);
    expect(await textsOf(engine, 'bert')).toEqual(['1', '1']);
    expect(await textsOf(engine, 'cleo')).toEqual(['1']);
    expect(await engine.unfanned('anna')).toEqual([]);
    expect(second.of('RECEIPT')).toEqual([]);
  });

  it('leaves nothing partially fanned out for longer than a heartbeat where another page of its sender is connected, to any gateway', async () => {
    const { crashing, engine } = crashingEngine(4);
    const dying = startHub({ engine: crashing, handle });
    const other = startHub({ engine, handle });
    const living = await other.connect('anna');
    await living.resume(null);
    const first = await dying.connect('anna');
    await first.say(command('page', 1, { text: '1' }));
    expect(first.closeCode).toBe(1013);
    expect(await textsOf(engine, 'cleo')).toEqual([]);
    other.clock.passes(14_000);
    await settle();
    expect(await textsOf(engine, 'bert')).toEqual(['1', '1']);
    expect(await textsOf(engine, 'cleo')).toEqual(['1']);
    expect(await engine.unfanned('anna')).toEqual([]);
    expect(living.closeCode).toBe(null);
  });

  it('that lasts closes no page that only looks for what is partially fanned out: it looks again at each heartbeat', async () => {
    const { crashing, engine, fix } = crashingEngine(4);
    const dying = startHub({ engine: crashing, handle });
    const other = startHub({ engine: { ...engine, append: crashing.append }, handle });
    const living = await other.connect('anna');
    await living.resume(null);
    await (await dying.connect('anna')).say(command('page', 1, { text: '1' }));
    other.clock.passes(14_000);
    await settle();
    expect(living.closeCode).toBe(null);
    expect(other.errors.map(({ code }) => code)).toEqual(['engine-failed']);
    fix();
    other.clock.passes(14_000);
    await settle();
    expect(await textsOf(engine, 'cleo')).toEqual(['1']);
  });

  it('is looked for once at a time, while the store takes less than two heartbeats', async () => {
    const answers: (() => void)[] = [];
    const slow: Engine = {
      ...memoryEngine(),
      unfanned: () => new Promise((resolve) => answers.push(() => resolve([]))),
    };
    const { connect, clock } = startHub({ engine: slow, handle });
    const anna = await connect('anna');
    await anna.resume(null);
    answers.shift()?.(); // that of RESUME
    await settle();

    for (let beat = 0; beat < 2; beat += 1) {
      clock.passes(14_000);
      await settle();
    }
    expect(answers).toHaveLength(1);
    answers.shift()?.();
    await settle();
    clock.passes(14_000);
    await settle();

    expect(answers).toHaveLength(1);
  });

  it('of the handler does the same: nothing is published, and the command is sent again', async () => {
    let broken = true;
    const { connect, engine, errors } = startHub({
      handle(given, { publish }) {
        if (given.kind === 'message') publish(['bert'], { ...given.message, type: 'NEW_MESSAGE' });
        if (broken) throw new Error('database gone');
      },
    });
    const first = await connect('anna');
    await first.say([command('page', 1, { text: '1' }), command('page', 2, { text: '2' })]);
    expect(first.closeCode).toBe(1013);
    expect(first.of('RECEIPT')).toEqual([]);
    expect(errors.map(({ code }) => code)).toEqual(['command-failed']);
    expect(await textsOf(engine, 'bert')).toEqual([]);
    broken = false;
    const second = await connect('anna');
    await second.say([command('page', 1, { text: '1' }), command('page', 2, { text: '2' })]);
    expect(await textsOf(engine, 'bert')).toEqual(['1', '2']);
  });
});

describe('an engine that has lost its tail', () => {
  it('closes with 1013 what has seen more, stores nothing, and loses no command that had no receipt', async () => {
    const before = memoryEngine();
    const after = memoryEngine();
    let engine = before;
    const failover = new Proxy(before, { get: (_engine, name) => engine[name as keyof Engine] });
    const { connect, errors } = startHub({ engine: failover, handle: passOnToBert() });
    const first = await connect('anna');
    await after.decide('anna', 'page', { n: 1, key: 'key page 1', verdict: 'done', publications: [] }, 0);
    await first.say([command('page', 1, { text: '1' }), command('page', 2, { text: '2' })]);
    expect(first.of('RECEIPT')).toHaveLength(2);
    engine = after;
    await first.say(command('page', 3, { text: '3' }));
    expect(first.closeCode).toBe(1013);
    expect(first.of('RECEIPT')).toHaveLength(2);
    expect(errors.map(({ code }) => code)).toEqual(['engine-failed']);
    expect((await after.recall('anna', 'page', 3)).decided).toBe(1);
    const second = await connect('anna');
    await second.say(command('page', 3, { text: '3' }));
    expect(second.of('RECEIPT')).toEqual([receipt(3)]);
    expect(await textsOf(after, 'bert')).toEqual(['3']);
  });

  /** A hub on a store whose tail is lost when the test says so: of the client `page` only the first command is left. */
  const startOnFailingOver = async () => {
    const before = memoryEngine();
    const after = memoryEngine();
    await after.decide('anna', 'page', { n: 1, key: 'key page 1', verdict: 'done', publications: [] }, 0);
    let engine = before;
    const failover = new Proxy(before, { get: (_engine, name) => engine[name as keyof Engine] });
    const hub = startHub({ engine: failover, handle: passOnToBert() });
    const anna = await hub.connect('anna');
    await anna.say([command('page', 1), command('page', 2), command('page', 3)]);
    expect(anna.of('RECEIPT')).toHaveLength(3);
    return {
      hub,
      anna,
      after,
      failsOver() {
        engine = after;
      },
    };
  };

  it('closes with 1013 also where an old command is asked about that it still has', async () => {
    const { anna, failsOver } = await startOnFailingOver();
    failsOver();

    await anna.say(command('page', 1));

    expect(anna.closeCode).toBe(1013);
    expect(anna.of('RECEIPT')).toHaveLength(3);
  });

  it('closes with 1013 what has seen more, though an old command was asked about meanwhile', async () => {
    const { anna, after, failsOver } = await startOnFailingOver();
    await anna.say(command('page', 1));
    failsOver();

    await anna.say(command('page', 4));

    expect(anna.closeCode).toBe(1013);
    expect((await after.recall('anna', 'page', 4)).decided).toBe(1);
  });

  it.each<[string, Partial<Engine>]>([
    ['while a command was told', { fanned: async () => 0 }],
    ['before it was decided, and says so', { decide: async () => ({ decided: 0, stored: null }) }],
    [
      'while the rest of an older one was told',
      {
        resumeCommands: async () => ({
          decided: 2,
          unfanned: [{ n: 2, key: 'k', verdict: 'done', publications: [] }],
        }),
        fanned: async () => 1,
        decide: async (_userId, _clientId, { n, ...rest }) => ({
          decided: n,
          stored: { n, ...rest, fanned: true },
        }),
      },
    ],
  ])('%s, closes with 1013 and receipts nothing', async (_when, broken) => {
    const hub = startHub({ engine: { ...memoryEngine(), ...broken }, handle: passOnToBert() });
    const anna = await hub.connect('anna');

    await anna.say([command('page', 3), command('page', 4)]);

    expect(anna.closeCode).toBe(1013);
    expect(anna.of('RECEIPT')).toEqual([]);
    expect(hub.codes).toEqual(['engine-failed']);
  });
});
