import { describe, expect, it } from 'vitest';
import { engineContract, faultyEngine } from '../../src/gateway/contract/index.ts';
import { EMPTY_POSITION, type Engine, memoryEngine, withDoorbell } from '../../src/gateway/index.ts';
import { describeEngine } from '../contract/engine.contract.ts';

const text = (n: number) => JSON.stringify({ type: 'NEW_MESSAGE', n });

/** Engines that are wrong in one way, and a case that says so. */
const BROKEN: readonly (readonly [what: string, breakIt: (engine: Engine) => Engine, caught: string])[] = [
  [
    'forgets its marks',
    (engine) => ({ ...engine, append: (userId, texts) => engine.append(userId, texts) }),
    'faults: whatever fails or is late, each command reaches each recipient once',
  ],
  [
    'gives one log to two users',
    (engine) => ({
      ...engine,
      append: (userId, ...rest) => engine.append(userId.toLowerCase(), ...rest),
      readAfter: (userId, ...rest) => engine.readAfter(userId.toLowerCase(), ...rest),
    }),
    'the log: keeps the logs of users apart',
  ],
  [
    'knows positions that never were',
    (engine) => ({
      ...engine,
      readAfter: async (userId, position, limit) =>
        (await engine.readAfter(userId, position, limit)) ?? engine.readAfter(userId, EMPTY_POSITION, limit),
    }),
    'the log: does not know a position of another user',
  ],
  [
    'decides a number twice',
    (engine) => ({
      ...engine,
      decide: async (userId, clientId, decision, seen) => {
        const { decided } = await engine.decide(userId, clientId, decision, seen);
        return { decided, stored: { ...decision, fanned: false } };
      },
    }),
    'decisions: decides a number once',
  ],
  ['never rings', (engine) => ({ ...engine, subscribe: () => () => {} }), 'the doorbell: rings the doorbell'],
  [
    'counts the sockets of one node',
    (engine) => ({
      ...engine,
      openChannel: (listener) => {
        const channel = engine.openChannel?.(listener);
        if (channel === undefined) throw new Error('The memory engine has a channel.');
        return { ...channel, place: async (_, after) => ({ before: 0, after }) };
      },
    }),
    "nodes: count a user's sockets on all nodes together",
  ],
  [
    'loses the order of many',
    (engine) => ({
      ...engine,
      appendMany: (appends) =>
        Promise.allSettled(
          appends.toReversed().map(({ userId, texts, mark }) => engine.append(userId, texts, mark)),
        ),
    }),
    'many at once: appends many at once',
  ],
];

describe('the contract', () => {
  it.each(BROKEN)(
    'catches an engine that %s',
    async (_, breakIt, caught) => {
      const cases = engineContract({ open: (options) => breakIt(memoryEngine(options)) });
      const found = cases.find(({ name }) => name.startsWith(caught));
      if (found === undefined) throw new Error(`There is no case ${caught}`);
      await expect(found.run()).rejects.toThrow();
    },
    60_000,
  );

  it('has a name for each case, and no name twice', () => {
    const names = engineContract({ open: memoryEngine }).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(60);
    expect(new Set(names).size).toBe(names.length);
  });
});

describeEngine('memory, many at once,', (options) => {
  const engine = memoryEngine(options);
  return {
    ...engine,
    appendMany: (appends) =>
      Promise.allSettled(appends.map(({ userId, texts, mark }) => engine.append(userId, texts, mark))),
    decideMany: (decides) =>
      Promise.allSettled(
        decides.map(({ userId, clientId, decision, seen }) =>
          engine.decide(userId, clientId, decision, seen),
        ),
      ),
  };
});

describeEngine('late', (options) => faultyEngine(memoryEngine(options), { fateOf: () => ({ lateMs: 1 }) }));

describe('an engine with the doorbell of another', () => {
  it('rings that one after each append, and not its own', async () => {
    const [logs, bells] = [memoryEngine(), memoryEngine()];
    const engine = withDoorbell(logs, bells);
    const rung: string[] = [];
    logs.subscribe('anna', () => rung.push('own'));
    bells.subscribe('anna', () => rung.push('other'));
    engine.subscribe('anna', () => rung.push('engine'));
    await engine.append('anna', [text(1)], { origin: 'bert', n: 1 });
    expect(rung).toEqual(['own', 'other', 'engine']);
    await engine.append('anna', [text(1)], { origin: 'bert', n: 1 });
    await engine.append('anna', []);
    expect(rung).toHaveLength(3);
    expect(await bells.last('anna')).toBe(EMPTY_POSITION);
  });

  it('needs one that can be rung', () => {
    expect(() => withDoorbell(memoryEngine(), { subscribe: () => () => {} })).toThrow(
      expect.objectContaining({ code: 'bad-option' }),
    );
  });
});

describeEngine('memory, with the doorbell of another,', (options) =>
  withDoorbell(memoryEngine(options), memoryEngine()),
);
