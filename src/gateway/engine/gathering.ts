import type { Decide, Decided } from './decisions.ts';
import type { Engine } from './engine.ts';
import type { Append, Appended } from './log.ts';

/** So many calls go to the engine at once at most. */
export const MAX_AT_ONCE_COUNT = 256;

interface Waiting<Call, Result> {
  readonly call: Call;
  readonly resolve: (result: Result) => void;
  readonly reject: (cause: unknown) => void;
}

/** Calls that come in one turn of the event loop are made at once. */
const gather = <Call, Result>(
  nextTurn: (run: () => void) => void,
  callMany: (calls: readonly Call[]) => Promise<readonly PromiseSettledResult<Result>[]>,
): ((call: Call) => Promise<Result>) => {
  let waiting: Waiting<Call, Result>[] = [];
  const send = async (group: readonly Waiting<Call, Result>[]) => {
    try {
      const results = await callMany(group.map(({ call }) => call));
      group.forEach(({ resolve, reject }, at) => {
        const result = results[at];
        if (result?.status === 'fulfilled') resolve(result.value);
        else reject(result?.reason ?? new TypeError('The engine returned no result for a call.'));
      });
    } catch (cause) {
      for (const { reject } of group) reject(cause);
    }
  };
  const flush = () => {
    const all = waiting;
    waiting = [];
    for (let at = 0; at < all.length; at += MAX_AT_ONCE_COUNT)
      void send(all.slice(at, at + MAX_AT_ONCE_COUNT));
  };
  return (call) =>
    new Promise((resolve, reject) => {
      waiting.push({ call, resolve, reject });
      if (waiting.length === 1) nextTurn(flush);
    });
};

/**
 * An engine as the gateway calls it: where it takes many appends or decisions at once, those of one turn of the event loop go
 * together. One without those forms is called as it is.
 */
export const gatherCalls = (engine: Engine, nextTurn: (run: () => void) => void): Engine => {
  const appendMany = engine.appendMany?.bind(engine);
  const decideMany = engine.decideMany?.bind(engine);
  if (appendMany === undefined && decideMany === undefined) return engine;
  const append = appendMany && gather<Append, Appended>(nextTurn, appendMany);
  const decide = decideMany && gather<Decide, Decided>(nextTurn, decideMany);
  return {
    append: (userId, texts, mark) =>
      append === undefined ? engine.append(userId, texts, mark) : append({ userId, texts, mark }),
    decide: (userId, clientId, decision, seen) =>
      decide === undefined
        ? engine.decide(userId, clientId, decision, seen)
        : decide({ userId, clientId, decision, seen }),
    readAfter: (...given) => engine.readAfter(...given),
    last: (...given) => engine.last(...given),
    recall: (...given) => engine.recall(...given),
    fanned: (...given) => engine.fanned(...given),
    resumeCommands: (...given) => engine.resumeCommands(...given),
    unfanned: (...given) => engine.unfanned(...given),
    subscribe: (...given) => engine.subscribe(...given),
    ...(engine.openChannel && { openChannel: engine.openChannel.bind(engine) }),
    close: () => engine.close(),
  };
};
