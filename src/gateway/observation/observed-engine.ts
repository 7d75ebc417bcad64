import type { Clock } from '../../lib/clock.ts';
import type { Engine } from '../engine/engine.ts';
import type { Append } from '../engine/log.ts';
import { ENGINE_CALLS } from './gateway-facts.ts';
import type { Observation } from './observation.ts';

/** An engine whose calls are told, and how many of them are out. */
export interface ObservedEngine {
  readonly engine: Engine;
  readonly underWayCount: number;
}

/** Since when the sockets of a user have news to wait for, and since when appends to that user's log are under way. */
class NewsClock {
  private readonly clock: Clock;
  private readonly record: (lagMs: number) => void;
  private readonly listening = new Map<string, number>();
  private readonly appends = new Map<string, { startedAt: number; count: number }>();
  private readonly waiting = new Map<string, number>();

  constructor(clock: Clock, record: (lagMs: number) => void) {
    this.clock = clock;
    this.record = record;
  }

  listens(userId: string): void {
    this.listening.set(userId, (this.listening.get(userId) ?? 0) + 1);
  }

  leaves(userId: string): void {
    const left = (this.listening.get(userId) ?? 1) - 1;
    if (left > 0) this.listening.set(userId, left);
    else {
      this.listening.delete(userId);
      this.waiting.delete(userId);
    }
  }

  /** Only of users who have a socket here: nobody else waits for it here. */
  appendBegins(userId: string): void {
    if (!this.listening.has(userId)) return;
    const append = this.appends.get(userId);
    if (append === undefined) this.appends.set(userId, { startedAt: this.clock.now(), count: 1 });
    else append.count += 1;
  }

  appendEnds(userId: string): void {
    const append = this.appends.get(userId);
    if (append === undefined) return;
    append.count -= 1;
    if (append.count === 0) this.appends.delete(userId);
  }

  /** A doorbell: of an append that is under way here, or of one elsewhere. */
  rings(userId: string): void {
    if (this.waiting.has(userId)) return;
    this.waiting.set(userId, this.appends.get(userId)?.startedAt ?? this.clock.now());
  }

  /** Entries were read, and go to a socket now. */
  reads(userId: string): void {
    const since = this.waiting.get(userId);
    if (since === undefined) return;
    this.waiting.delete(userId);
    this.record(this.clock.now() - since);
  }
}

type Method = (...args: readonly unknown[]) => unknown;

/** Hands on every call, and tells how long it took and whether it failed. What the engine is asked and returns stays as it is. */
export const observeEngine = (engine: Engine, observation: Observation, clock: Clock): ObservedEngine => {
  const names: ReadonlySet<string> = new Set(ENGINE_CALLS);
  const news = new NewsClock(clock, (lagMs) => observation.record('delivery.lag', lagMs, ''));
  const figures = { underWayCount: 0 };

  const timed =
    (call: string, method: Method): Method =>
    async (...args) => {
      const startedAt = clock.now();
      figures.underWayCount += 1;
      try {
        return await method(...args);
      } catch (cause) {
        observation.record('engine.error', 1, call);
        throw cause;
      } finally {
        figures.underWayCount -= 1;
        observation.record('engine.call', clock.now() - startedAt, call);
      }
    };

  const special: Partial<Record<string, (method: Method) => Method>> = {
    append: (method) => async (userId, texts, mark) => {
      news.appendBegins(String(userId));
      try {
        return await method(userId, texts, mark);
      } finally {
        news.appendEnds(String(userId));
      }
    },
    appendMany: (method) => async (appends) => {
      const users = (appends as readonly Append[]).map(({ userId }) => userId);
      for (const userId of users) news.appendBegins(userId);
      try {
        return await method(appends);
      } finally {
        for (const userId of users) news.appendEnds(userId);
      }
    },
    readAfter: (method) => async (userId, position, limit) => {
      const entries = await method(userId, position, limit);
      if (Array.isArray(entries) && entries.length > 0) news.reads(String(userId));
      return entries;
    },
    subscribe: (method) => (userId, doorbell) => {
      const user = String(userId);
      const stop = method(user, () => {
        news.rings(user);
        (doorbell as () => void)();
      });
      if (typeof stop !== 'function') return stop;
      news.listens(user);
      return () => {
        news.leaves(user);
        return stop();
      };
    },
  };

  const methods = new Map<PropertyKey, unknown>();
  const observed = (name: PropertyKey): unknown => {
    const value: unknown = Reflect.get(engine, name);
    if (typeof value !== 'function') return value;
    const plain: Method = (...args) => Reflect.apply(value, engine, args);
    const around = typeof name === 'string' ? special[name] : undefined;
    if (typeof name === 'string' && names.has(name)) return timed(name, around?.(plain) ?? plain);
    return around?.(plain) ?? plain;
  };
  // An engine of the app's may be frozen, or a class with private fields: neither can be copied or inherited from.
  const proxy = new Proxy({} as Engine, {
    get(_target, name) {
      const known = methods.get(name);
      if (known !== undefined) return known;
      const value = observed(name);
      if (typeof value === 'function') methods.set(name, value);
      return value;
    },
    has: (_target, name) => Reflect.has(engine, name),
  });
  return {
    engine: proxy,
    get underWayCount() {
      return figures.underWayCount;
    },
  };
};
