import { describe, expect, it } from 'vitest';
import type { Decide, Decided } from '../../src/gateway/engine/decisions.ts';
import { gatherCalls, MAX_AT_ONCE_COUNT } from '../../src/gateway/engine/gathering.ts';
import type { Append, Appended } from '../../src/gateway/engine/log.ts';
import { type Decision, type Engine, memoryEngine, withDoorbell } from '../../src/gateway/index.ts';

type Many<Result> = Promise<readonly PromiseSettledResult<Result>[]>;

const decision = (n: number): Decision => ({ n, key: `key ${n}`, verdict: 'done', publications: [] });
const fulfilled = <Result>(value: Result) => ({ status: 'fulfilled', value }) as const;

/** Turns of the event loop that come when the test says so. */
const startTurns = () => {
  const asked: (() => void)[] = [];
  return {
    next: (run: () => void) => void asked.push(run),
    come: () => {
      for (const run of asked.splice(0)) run();
    },
    get askedCount() {
      return asked.length;
    },
  };
};

/** An engine that takes many appends at once and notes them: a class, so that it needs its `this`. */
class ManyEngine {
  readonly groups: (readonly string[])[] = [];
  results: (userIds: readonly string[]) => Many<Appended> = async (userIds) =>
    userIds.map((userId) => fulfilled([`id of ${userId}`]));
  appendMany(appends: readonly Append[]): Many<Appended> {
    const userIds = appends.map(({ userId }) => userId);
    this.groups.push(userIds);
    return this.results(userIds);
  }
}

const start = () => {
  const turns = startTurns();
  const many = new ManyEngine();
  const gathered = gatherCalls(Object.assign(many, { ...memoryEngine() }) as ManyEngine & Engine, turns.next);
  const append = (userId: string) => gathered.append(userId, ['{}']);
  return { turns, many, append };
};

describe('appends of one turn of the event loop', () => {
  it('go to the engine together, in their order, and each has its own ids', async () => {
    const { turns, many, append } = start();
    const appended = ['anna', 'bert', 'anna'].map(append);
    expect([many.groups.length, turns.askedCount]).toEqual([0, 1]);
    turns.come();
    expect(await Promise.all(appended)).toEqual([['id of anna'], ['id of bert'], ['id of anna']]);
    const later = append('cleo');
    turns.come();
    await later;
    expect(many.groups).toEqual([['anna', 'bert', 'anna'], ['cleo']]);
  });

  it('are split where there are more than an engine is given at once, and none is lost', async () => {
    const { turns, many, append } = start();
    const userIds = Array.from({ length: 2 * MAX_AT_ONCE_COUNT + 1 }, (_, at) => `user ${at}`);
    const appended = userIds.map(append);
    turns.come();
    expect((await Promise.all(appended)).flat()).toEqual(userIds.map((userId) => `id of ${userId}`));
    expect(many.groups.map(({ length }) => length)).toEqual([MAX_AT_ONCE_COUNT, MAX_AT_ONCE_COUNT, 1]);
    expect(many.groups.flat()).toEqual(userIds);
  });

  it('fail one by one, each for its own reason', async () => {
    const { turns, many, append } = start();
    many.results = async () => [{ status: 'rejected', reason: 'full' }, fulfilled('repeat')];
    const appended = Promise.allSettled(['anna', 'bert', 'cleo'].map(append));
    turns.come();
    expect(await appended).toEqual([
      { status: 'rejected', reason: 'full' },
      fulfilled('repeat'),
      { status: 'rejected', reason: new TypeError('The engine returned no result for a call.') },
    ]);
  });

  it.each<[string, () => Many<Appended>]>([
    ['rejects', () => Promise.reject('gone')],
    [
      'throws',
      () => {
        throw 'gone';
      },
    ],
  ])('all fail where the engine %s, and the next turn begins with none of them', async (_, results) => {
    const { turns, many, append } = start();
    many.results = results;
    const appended = Promise.allSettled(['anna', 'bert'].map(append));
    turns.come();
    const gone = { status: 'rejected', reason: 'gone' };
    expect(await appended).toEqual([gone, gone]);
    void append('cleo').catch(() => {});
    turns.come();
    expect(many.groups).toEqual([['anna', 'bert'], ['cleo']]);
  });
});

describe('an engine that takes many', () => {
  it('decisions alone gets these together, and appends one by one', async () => {
    const turns = startTurns();
    const store = memoryEngine();
    const groups: number[] = [];
    const engine = gatherCalls(
      {
        ...store,
        async decideMany(decides: readonly Decide[]): Many<Decided> {
          groups.push(decides.length);
          return decides.map(({ decision: { n } }) => fulfilled({ decided: n, stored: null }));
        },
      },
      turns.next,
    );
    expect(await engine.append('anna', ['{}'])).toHaveLength(1);
    const decided = [1, 2].map((n) => engine.decide('anna', 'page', decision(n), n - 1));
    turns.come();
    expect((await Promise.all(decided)).map(({ decided: n }) => n)).toEqual([1, 2]);
    expect(groups).toEqual([2]);
  });

  it('appends alone decides one by one, and is the same in all else', async () => {
    const turns = startTurns();
    const store = memoryEngine();
    const results = async (appends: readonly Append[]) =>
      Promise.allSettled(appends.map(({ userId, texts, mark }) => store.append(userId, texts, mark)));
    const engine = gatherCalls({ ...store, appendMany: results }, turns.next);
    let rungCount = 0;
    const end = engine.subscribe('anna', () => {
      rungCount += 1;
    });
    const mark = { origin: 'bert', n: 1 };
    const appended = [mark, mark].map((one) => engine.append('anna', ['{"n":1}'], one));
    turns.come();
    const [ids, repeat] = await Promise.all(appended);
    expect([rungCount, repeat]).toEqual([1, 'repeat']);
    expect(await engine.last('anna')).toBe(ids?.[0]);
    expect(await engine.readAfter('anna', '0', 10)).toMatchObject([{ text: '{"n":1}' }]);
    end();
    const told = { ...decision(1), publications: [{ userIds: ['cleo'], text: '{}' }] };
    expect((await engine.decide('anna', 'page', told, 0)).stored).toEqual({ ...told, fanned: false });
    expect(await engine.unfanned('anna')).toEqual([{ clientId: 'page', decision: told }]);
    expect(await engine.resumeCommands('anna', 'page', 2)).toEqual({ decided: 1, unfanned: [told] });
    expect(await engine.fanned('anna', 'page', 1)).toBe(1);
    expect(await engine.recall('anna', 'page', 1)).toMatchObject({ decided: 1, stored: { fanned: true } });
    const channel = engine.openChannel?.({ hear() {}, changed() {} });
    expect(await channel?.place('anna', 1)).toEqual({ before: 0, after: 1 });
    await engine.close();
    await expect(store.last('anna')).rejects.toMatchObject({ code: 'engine-failed' });
  });

  it('has no other nodes where it had none before', () => {
    const { openChannel: _, ...alone } = memoryEngine();
    const engine = gatherCalls({ ...alone, appendMany: async () => [] }, () => {});
    expect(engine.openChannel).toBeUndefined();
  });

  it('is gathered for; one that takes one at a time is called as it is', () => {
    const engine = memoryEngine();
    expect(gatherCalls(engine, () => {})).toBe(engine);
  });
});

describe('an engine that takes many, with the doorbell of another', () => {
  const ringing = () => {
    const rung: (readonly string[])[] = [];
    const doorbell = {
      subscribe: () => () => {},
      ring: (userIds: readonly string[]) => void rung.push(userIds),
    };
    return { rung, doorbell };
  };

  it('rings once for all who have got something new, each user once', async () => {
    const { rung, doorbell } = ringing();
    const results: readonly PromiseSettledResult<Appended>[] = [
      fulfilled(['1-a']),
      fulfilled(['2-a']),
      fulfilled('repeat'),
      fulfilled([]),
      { status: 'rejected', reason: 'full' },
      fulfilled(['1-b']),
    ];
    const engine = withDoorbell({ ...memoryEngine(), appendMany: async () => results }, doorbell);
    const userIds = ['anna', 'anna', 'cleo', 'dora', 'emil', 'bert'];
    const appends = userIds.map((userId) => ({ userId, texts: ['{}'] }));
    expect(await engine.appendMany?.(appends)).toBe(results);
    expect(rung).toEqual([['anna', 'bert']]);
  });

  it('rings for nobody where nothing is new', async () => {
    const { rung, doorbell } = ringing();
    const engine = withDoorbell(
      { ...memoryEngine(), appendMany: async () => [fulfilled('repeat')] },
      doorbell,
    );
    await engine.appendMany?.([{ userId: 'anna', texts: ['{}'] }]);
    expect(rung).toEqual([]);
  });

  it('goes on to take many decisions, and has no form that it had not', async () => {
    const { doorbell } = ringing();
    const decideMany = async () => [fulfilled({ decided: 7, stored: null })];
    const engine = withDoorbell({ ...memoryEngine(), decideMany }, doorbell);
    expect(await engine.decideMany?.([])).toEqual([fulfilled({ decided: 7, stored: null })]);
    expect(engine.appendMany).toBeUndefined();
    expect(withDoorbell(memoryEngine(), doorbell).decideMany).toBeUndefined();
  });
});
