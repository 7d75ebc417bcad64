import type { Engine } from '../../../src/gateway/engine/engine.ts';
import type { Host } from './host.ts';
import type { Scheduler } from './scheduler.ts';

/** Where a gateway dies: at one of its next calls, before the store has heard of it or after. */
export interface Trap {
  /** Which call, by the engine's word for it; `query` is a handler's call of the app's database. */
  readonly call: CallName | 'any';
  /** How many such calls it survives. */
  readonly skipCount: number;
  readonly moment: 'before' | 'after';
}

export type CallName =
  | Exclude<keyof Engine, 'subscribe' | 'ring' | 'openChannel' | 'appendMany' | 'decideMany' | 'close'>
  | 'query';

/** How the store and the app's database treat one gateway from now on. `deaf`: what is asked takes effect and then fails. */
export type StoreMood = 'well' | 'sluggish' | 'slow' | 'failing' | 'deaf';

/** A store as one gateway process reaches it: over a network, until it dies. */
export interface NodeEngine {
  readonly engine: Engine;
  /** The app's database, for a handler. */
  query(): Promise<void>;
  behave(mood: StoreMood): void;
  /** Whether doorbells get through. */
  ring(isHeard: boolean): void;
  arm(trap: Trap): void;
  disarm(): void;
}

const EXTRA_MS = { well: 0, sluggish: 600, slow: 3_000, failing: 0, deaf: 0 } as const;

export const createNodeEngine = (options: {
  readonly host: Host;
  readonly scheduler: Scheduler;
  readonly store: Engine;
  readonly latencyMs: () => number;
  readonly die: (how: string) => void;
}): NodeEngine => {
  const { host, scheduler, store, latencyMs } = options;
  let mood: StoreMood = 'well';
  let isHeard = true;
  let trap: Trap | null = null;
  let survivedCount = 0;

  const springs = (name: CallName): Trap['moment'] | null => {
    if (trap === null || (trap.call !== 'any' && trap.call !== name)) return null;
    survivedCount += 1;
    return survivedCount > trap.skipCount ? trap.moment : null;
  };
  /** A request that is on its way reaches the store, whatever becomes of the process that sent it. */
  const call = <T>(name: CallName, effect: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      if (!host.isAlive) return;
      const moment = springs(name);
      if (moment === 'before') return options.die(`before ${name}`);
      const current = mood;
      const refuse = () => host.after(latencyMs(), () => reject(new Error(`The store failed at ${name}.`)));
      scheduler.after(latencyMs() + EXTRA_MS[current], () => {
        if (current === 'failing') return refuse();
        effect().then((answer) => {
          if (moment === 'after') options.die(`after ${name}`);
          else if (current === 'deaf') refuse();
          else host.after(latencyMs(), () => resolve(answer));
        }, reject);
      });
    });

  return {
    engine: {
      append: (...given) => call('append', () => store.append(...given)),
      decide: (...given) => call('decide', () => store.decide(...given)),
      recall: (...given) => call('recall', () => store.recall(...given)),
      fanned: (...given) => call('fanned', () => store.fanned(...given)),
      resumeCommands: (...given) => call('resumeCommands', () => store.resumeCommands(...given)),
      unfanned: (...given) => call('unfanned', () => store.unfanned(...given)),
      readAfter: (...given) => call('readAfter', () => store.readAfter(...given)),
      last: (...given) => call('last', () => store.last(...given)),
      subscribe: (user, doorbell) =>
        store.subscribe(user, () => {
          if (isHeard) host.after(latencyMs(), doorbell);
        }),
      ...(store.openChannel && { openChannel: store.openChannel }),
      close: async () => {},
    },
    query: () => call('query', async () => {}),
    behave(next) {
      mood = next;
    },
    ring(next) {
      isHeard = next;
    },
    arm(next) {
      trap = next;
      survivedCount = 0;
    },
    disarm() {
      trap = null;
    },
  };
};
