import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../engine/engine.ts';

/** What becomes of one call, or of one ring of a doorbell. */
export interface Fate {
  /** `before`: it fails and the store has not heard of it. `after`: it takes effect, and fails for the caller. */
  readonly fails?: 'before' | 'after' | undefined;
  /** How late it reaches the store, in ms. */
  readonly lateMs?: number;
}

/** How a store treats whoever calls it. */
export interface Faults {
  /** Asked for each call, by its name. */
  readonly fateOf: (call: Exclude<keyof Engine, 'close' | 'openChannel' | 'ring' | 'subscribe'>) => Fate;
  /** Asked for each ring. @default each is heard */
  readonly isHeard?: () => boolean;
}

/**
 * An engine that fails, is late, and loses rings: for tests of what stands on an engine. Calls of one user still reach the store in
 * their order.
 */
export const faultyEngine = (engine: Engine, { fateOf, isHeard = () => true }: Faults): Engine => {
  const lines = new Map<string, Promise<void>>();

  const call = async <T>(name: Parameters<Faults['fateOf']>[0], userId: string, effect: () => Promise<T>) => {
    const { fails, lateMs = 0 } = fateOf(name);
    const before = lines.get(userId) ?? Promise.resolve();
    let result: Promise<T> | undefined;
    const sent = before.then(async () => {
      if (lateMs > 0) await sleep(lateMs);
      if (fails !== 'before') result = effect();
    });
    lines.set(userId, sent);
    await sent;
    if (lines.get(userId) === sent) lines.delete(userId);
    if (result === undefined) throw new Error(`The store has failed at ${name}.`);
    const answer = await result;
    if (fails === 'after') throw new Error(`The store has failed at ${name}, which took effect.`);
    return answer;
  };

  return {
    append: (...given) => call('append', given[0], () => engine.append(...given)),
    readAfter: (...given) => call('readAfter', given[0], () => engine.readAfter(...given)),
    last: (...given) => call('last', given[0], () => engine.last(...given)),
    decide: (...given) => call('decide', given[0], () => engine.decide(...given)),
    recall: (...given) => call('recall', given[0], () => engine.recall(...given)),
    fanned: (...given) => call('fanned', given[0], () => engine.fanned(...given)),
    resumeCommands: (...given) => call('resumeCommands', given[0], () => engine.resumeCommands(...given)),
    unfanned: (...given) => call('unfanned', given[0], () => engine.unfanned(...given)),
    subscribe: (userId, doorbell) =>
      engine.subscribe(userId, () => {
        if (isHeard()) doorbell();
      }),
    ...(engine.openChannel && { openChannel: engine.openChannel.bind(engine) }),
    close: () => engine.close(),
  };
};
