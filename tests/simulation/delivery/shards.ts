import type { Engine } from '../../../src/gateway/engine/engine.ts';
import type { ChatApp } from './chat-app.ts';
import { type History, type Logged, nameOf } from './history.ts';
import type { Parts } from './parts.ts';
import { hashOf } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** The store behind all gateways: one shard a user, each of which may lose the end of what it took. */
export interface Shards {
  /** Takes effect at once, as what a store does when a request reaches it. */
  readonly engine: Engine;
  /** Another replica is promoted, which has not heard of the last `count` changes. */
  loseTail(user: string, count: number): Promise<void>;
  /** The same of all shards together: they are one database, and its newest changes are gone. */
  loseNewest(count: number): Promise<void>;
  /** From now on only this many messages of the user are kept. */
  retain(user: string, maxCount: number): Promise<void>;
  /** From now on it answers a position that it does not know from the oldest message that it has. */
  guess(user: string): void;
  /** Every message of the user's log, retained or not, by name. */
  logOf(user: string): readonly string[];
}

/** One change of a shard, so that it can be made again. */
interface Change {
  readonly number: number;
  readonly atMs: number;
  readonly make: (engine: Engine) => Promise<unknown>;
  /** What it put into the log, and whose verdict it stored. */
  entries: readonly Logged[];
  readonly ref: string | null;
}

interface Shard {
  engine: Engine;
  changes: Change[];
  maxCount: number;
  guesses: boolean;
}

export const createShards = (options: {
  readonly parts: Parts;
  readonly scheduler: Scheduler;
  readonly history: History;
  readonly app: ChatApp;
  readonly maxCount: number;
}): Shards => {
  const { parts, scheduler, history, app } = options;
  const shards = new Map<string, Shard>();
  const bells = new Map<string, Set<() => void>>();
  let changeCount = 0;
  /** The change that is being made: all that is random or read off a clock in it is the same when it is made again. */
  let current: Pick<Change, 'number' | 'atMs'> = { number: 0, atMs: 0 };
  let draws = 0;
  let isReplay = false;

  const makeEngine = (user: string, maxCount: number): Engine => {
    const engine = parts.memoryEngine({
      retention: { maxCount },
      now: () => current.atMs,
      suffix() {
        draws += 1;
        return hashOf(`${user}/${current.number}/${draws}`).toString(16);
      },
    });
    engine.subscribe(user, () => {
      if (!isReplay) for (const bell of [...(bells.get(user) ?? [])]) bell();
    });
    return engine;
  };
  const shardOf = (user: string): Shard => {
    const known = shards.get(user);
    if (known !== undefined) return known;
    const { maxCount } = options;
    const shard = { engine: makeEngine(user, maxCount), changes: [], maxCount, guesses: false };
    shards.set(user, shard);
    history.add({ what: 'retention', user, count: maxCount });
    return shard;
  };
  const make = <T>(change: Change, engine: Engine, act: (engine: Engine) => Promise<T>): Promise<T> => {
    current = change;
    draws = 0;
    return act(engine);
  };
  /** Makes a change and remembers how. */
  const change = async <T>(
    user: string,
    ref: string | null,
    act: (engine: Engine) => Promise<T>,
    entriesOf: (answer: T) => readonly Logged[] = () => [],
  ): Promise<T> => {
    const shard = shardOf(user);
    changeCount += 1;
    const made: Change = { number: changeCount, atMs: scheduler.nowMs, make: act, entries: [], ref };
    shard.changes.push(made);
    const answer = await make(made, shard.engine, act);
    made.entries = entriesOf(answer);
    return answer;
  };
  const rebuild = async (user: string, shard: Shard) => {
    isReplay = true;
    shard.engine = makeEngine(user, shard.maxCount);
    for (const made of shard.changes) await make(made, shard.engine, made.make);
    isReplay = false;
  };

  const logged = (ids: readonly string[], texts: readonly string[]): readonly Logged[] =>
    ids.map((id, index) => {
      const { ref, part } = JSON.parse(texts[index] ?? '') as { ref: string; part: number };
      return { id, ref, part };
    });

  const loseTail = async (user: string, count: number) => {
    const shard = shardOf(user);
    const lost = shard.changes.splice(Math.max(0, shard.changes.length - count));
    history.add({
      what: 'tail lost',
      user,
      entries: lost.flatMap(({ entries }) => entries),
      refs: lost.flatMap(({ ref }) => (ref === null ? [] : [ref])),
    });
    await rebuild(user, shard);
  };

  return {
    engine: {
      append: (user, texts, mark) =>
        change(
          user,
          null,
          (engine) => engine.append(user, texts, mark),
          (answer) => {
            if (answer === 'repeat') return [];
            const entries = logged(answer, texts);
            history.add({ what: 'appended', user, entries, ...(mark === undefined ? {} : { mark }) });
            for (const entry of entries) app.noteStored(user, entry);
            return entries;
          },
        ),
      async decide(user, clientId, decision, seen) {
        const { n, key, verdict } = decision;
        const ref = app.refOf(key, key);
        const { engine } = shardOf(user);
        const before = await engine.recall(user, clientId, n);
        const answer = await change(user, ref, (at) => at.decide(user, clientId, decision, seen));
        if (before.decided < n && answer.decided === n) {
          const rejected = verdict === 'done' ? null : verdict.rejected;
          history.add({ what: 'decided', user, clientId, n, key, ref, rejected });
        }
        return answer;
      },
      fanned: (user, clientId, n) => change(user, null, (engine) => engine.fanned(user, clientId, n)),
      resumeCommands: (user, clientId, n) =>
        change(user, null, (engine) => engine.resumeCommands(user, clientId, n)),
      unfanned: (user) => shardOf(user).engine.unfanned(user),
      recall: (user, clientId, n) => shardOf(user).engine.recall(user, clientId, n),
      async readAfter(user, position, limit) {
        const { engine, changes, guesses } = shardOf(user);
        const known = await engine.readAfter(user, position, limit);
        if (known !== null || !guesses) return known;
        for (const { id } of changes.flatMap(({ entries }) => entries)) {
          const guessed = await engine.readAfter(user, id, limit);
          if (guessed !== null) return guessed;
        }
        return null;
      },
      last: (user) => shardOf(user).engine.last(user),
      subscribe(user, doorbell) {
        shardOf(user);
        const bell = () => doorbell();
        const others = bells.get(user) ?? new Set();
        bells.set(user, others.add(bell));
        return () => void others.delete(bell);
      },
      async close() {},
    },
    loseTail,
    async loseNewest(count) {
      const all = [...shards].flatMap(([user, { changes }]) =>
        changes.map(({ number }) => ({ user, number })),
      );
      const newest = all.sort((a, b) => b.number - a.number).slice(0, count);
      for (const user of new Set(newest.map((change) => change.user)))
        await loseTail(user, newest.filter((change) => change.user === user).length);
    },
    guess(user) {
      shardOf(user).guesses = true;
    },
    logOf: (user) => shards.get(user)?.changes.flatMap(({ entries }) => entries.map(nameOf)) ?? [],
    async retain(user, maxCount) {
      const shard = shardOf(user);
      shard.maxCount = maxCount;
      history.add({ what: 'retention', user, count: maxCount });
      await rebuild(user, shard);
    },
  };
};
