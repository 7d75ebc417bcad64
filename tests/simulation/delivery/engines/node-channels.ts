import type { NodeChannel, NodeListener } from '../../../../src/gateway/engine/doorbell.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Ear } from './air.ts';
import type { Line } from './server.ts';

/** As the engines have it: how long a node counts that was not heard of, how often it says so, and when it leaves, in ms. */
const LEASE_MS = 15_000;
const RENEW_EVERY_MS = 4_000;
const LEAVING_MS = 2_000;
const RETRY_MS = 50;
const GIVES_UP_MS = 5_000;

interface Place {
  readonly ear: Ear;
  readonly listener: NodeListener;
  expiresAtMs: number;
  /** Whether the store knows of it. */
  isKnown: boolean;
  /** How many sockets each user has there, as the store has it. */
  counts: Map<string, number>;
}

/** Which node has sockets of whom: rows of the store, that end with a lease. */
export interface NodeChannels {
  open(listener: NodeListener, line: Line, ear: Ear): NodeChannel;
}

const nothing = () => {};

export const createNodeChannels = (scheduler: Scheduler): NodeChannels => {
  const places = new Set<Place>();
  const counted = (place: Place) => place.isKnown && place.expiresAtMs > scheduler.nowMs;
  const elsewhere = (user: string, but: Place | null): number => {
    let count = 0;
    for (const place of places) if (place !== but && counted(place)) count += place.counts.get(user) ?? 0;
    return count;
  };

  const open = (listener: NodeListener, line: Line, ear: Ear): NodeChannel => {
    const { host } = line;
    const own: Place = { ear, listener, expiresAtMs: 0, isKnown: false, counts: new Map() };
    /** What this node knows itself. */
    const here = new Map<string, number>();
    let isClosed = false;
    let last: Promise<unknown> = Promise.resolve();
    places.add(own);

    /** In the store, again where it fails: each of these may be done twice. */
    const ask = async <T>(act: () => T): Promise<T> => {
      for (const untilMs = scheduler.nowMs + GIVES_UP_MS; ; ) {
        try {
          return await line.send({ arrive: nothing, commit: async () => act(), leave: nothing });
        } catch (cause) {
          if (scheduler.nowMs > untilMs) throw cause;
        }
        await host.pause(RETRY_MS);
      }
    };
    const renewInStore = () => {
      const isNew = !own.isKnown;
      own.isKnown = true;
      own.expiresAtMs = scheduler.nowMs + LEASE_MS;
      const gone = new Set<string>();
      for (const place of places) {
        if (place === own || !place.isKnown || counted(place)) continue;
        place.isKnown = false;
        for (const user of place.counts.keys()) gone.add(user);
        place.counts = new Map();
      }
      const back = isNew ? [...here.keys()] : [];
      if (isNew) own.counts = new Map(here);
      return { back, gone: [...gone].filter((user) => elsewhere(user, null) === 0) };
    };
    const renew = async (isFirst: boolean) => {
      const { back, gone } = await ask(renewInStore);
      if (isClosed) return;
      if (gone.length > 0) listener.changed(gone);
      if (back.length > 0 && !isFirst) listener.changed(back);
    };
    const renewing = (isFirst: boolean) => {
      if (isClosed) return;
      void renew(isFirst)
        .catch(nothing)
        .then(() => host.after(RENEW_EVERY_MS, () => renewing(false)));
    };
    renewing(true);

    /** One after the other: calls of one user take effect in their order. */
    const inTurn = <T>(act: () => T): Promise<T> => {
      const done = last.then(() => ask(act));
      last = done.catch(nothing);
      return done;
    };
    return {
      say(users, text) {
        if (isClosed) return;
        for (const place of places) {
          if (place === own || !counted(place)) continue;
          const there = users.filter((user) => place.counts.has(user));
          if (there.length > 0) ear.say(place.ear, () => place.listener.hear(there, text));
        }
      },
      place(user, socketCount) {
        if (socketCount > 0) here.set(user, socketCount);
        else here.delete(user);
        return inTurn(() => {
          const others = elsewhere(user, own);
          const before = others + (own.counts.get(user) ?? 0);
          if (socketCount > 0) own.counts.set(user, socketCount);
          else own.counts.delete(user);
          return { before, after: others + socketCount };
        });
      },
      online: (users) => ask(() => users.filter((user) => elsewhere(user, null) > 0)),
      async close() {
        isClosed = true;
        await last;
        await ask(() => {
          own.expiresAtMs = Math.min(own.expiresAtMs, scheduler.nowMs + LEAVING_MS);
        }).catch(nothing);
      },
    };
  };
  return { open };
};
