import type { Engine } from '../../../../src/gateway/engine/engine.ts';
import { failureOf, fateOf } from '../../../../src/gateway/postgres/failure.ts';
import type { Host } from '../host.ts';
import type { Parts } from '../parts.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Shards } from '../shards.ts';
import { createAir } from './air.ts';
import type { StoreModel } from './engine-kind.ts';
import { createNodeChannels } from './node-channels.ts';
import { engineOf, type StoreCall } from './perform.ts';
import { createStoreServer, type Line } from './server.ts';

const RETRY_MS = 50;
const GIVES_UP_MS = 5_000;
const nothing = () => {};

type Perform = (call: StoreCall) => Promise<unknown>;

/** The slots that some transaction has. */
export interface Locks {
  take(user: string): boolean;
  free(user: string): void;
}

const createLocks = () => {
  const taken = new Set<string>();
  return {
    taken,
    take: (user: string) => !taken.has(user) && taken.add(user) !== undefined,
    free: (user: string) => void taken.delete(user),
  };
};

/**
 * Postgres: calls that wait share a transaction, by the groups of the real engine. A slot that another transaction has is passed
 * over. All of a transaction takes effect as it is committed, and the reply comes later, or never.
 */
const inTransactions =
  (options: { readonly parts: Parts; readonly scheduler: Scheduler; readonly locks: Locks }) =>
  (line: Line): Perform => {
    const { scheduler, locks } = options;
    const { host } = line;
    const effects = new Map<number, StoreCall>();
    let count = 0;
    const groups = options.parts.postgresGroups(
      (calls, writes) =>
        line.send({
          arrive() {
            const users = [...new Set(calls.map(({ u }) => u))];
            return writes ? users.filter(locks.take) : users;
          },
          async commit(ours) {
            const results: unknown[] = [];
            for (const { u, id } of calls)
              results.push(
                ours.includes(u) ? ((await effects.get(Number(id))?.effect()) ?? 'nothing') : null,
              );
            return results;
          },
          leave(ours) {
            if (writes) ours.forEach(locks.free);
          },
        }),
      {
        now: () => scheduler.nowMs,
        setTimeout: (run, ms) => host.after(ms, run),
        nextTurn: (run) => host.after(0, run),
      },
    );
    return async (call) => {
      count += 1;
      const id = count;
      effects.set(id, call);
      try {
        const result = await groups.call({ o: call.name, u: call.user, id }, call.isRepeatable);
        return result === 'nothing' ? null : result;
      } finally {
        effects.delete(id);
      }
    };
  };

/** Redis: each call is a script, that takes effect as a whole as it arrives. What is harmless to do twice is done again. */
const asScripts =
  ({ scheduler, parts }: { readonly parts: Parts; readonly scheduler: Scheduler }) =>
  (line: Line): Perform =>
  async (call) => {
    for (const untilMs = scheduler.nowMs + GIVES_UP_MS; ; ) {
      try {
        return await line.send({ arrive: nothing, commit: () => call.effect(), leave: nothing });
      } catch (error) {
        const { cause, isSent } =
          error instanceof parts.RequestFailed ? error : { cause: error, isSent: true };
        const isHarmless = fateOf(cause) === 'lost' && (call.isRepeatable || !isSent);
        if (!isHarmless || scheduler.nowMs > untilMs) throw failureOf(cause);
      }
      await line.host.pause(RETRY_MS);
    }
  };

/** A store on a server of its own, behind any number of nodes. */
export const createServerStore = (options: {
  readonly kind: 'postgres' | 'redis';
  readonly parts: Parts;
  readonly scheduler: Scheduler;
  readonly shards: Shards;
  readonly latencyOf: (name: string) => () => number;
}): StoreModel => {
  const { kind, parts, scheduler, shards, latencyOf } = options;
  const server = createStoreServer(scheduler, parts.RequestFailed);
  const air = createAir(scheduler, server);
  const channels = createNodeChannels(scheduler);
  const locks = createLocks();
  const performOf =
    kind === 'postgres' ? inTransactions({ parts, scheduler, locks }) : asScripts({ parts, scheduler });

  const open = (host: Host) => {
    const latencyMs = latencyOf(`line of ${host.name}`);
    const line = server.connect(host, latencyMs);
    const ear = air.join(host, latencyOf(`ear of ${host.name}`));
    const perform = performOf(line);
    /** Postgres: the node that wrote tells the others, once it knows. Redis: the script does. */
    const rings = async (call: StoreCall): Promise<unknown> => {
      if (kind === 'postgres' || call.name !== 'append') return perform(call);
      const effect = async () => {
        const result = await call.effect();
        ear.ring(call.user);
        return result;
      };
      return perform({ ...call, effect });
    };
    const engine: Engine = {
      ...engineOf(shards.engine, rings, (user) => {
        if (kind === 'postgres') ear.ring(user);
      }),
      subscribe: ear.bells.subscribe,
      openChannel: (listener) => channels.open(listener, line, ear),
    };
    return { engine, suffer: line.suffer, deafen: ear.deafen };
  };
  return {
    open,
    standStill: server.standStill,
    goDown: server.goDown,
    failOver(ms, lostCount) {
      server.goDown(ms);
      void shards.loseNewest(lostCount);
    },
    holdSlot(user, ms) {
      if (!locks.take(user)) return;
      scheduler.after(ms, () => locks.free(user));
    },
    fill: nothing,
    ringLate: air.ringLate,
    heal() {
      server.heal();
      air.heal();
    },
  };
};
