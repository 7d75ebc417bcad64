import { createDoorbells, type Doorbells } from '../../../../src/gateway/engine/doorbells.ts';
import type { Host } from '../host.ts';
import type { Scheduler } from '../scheduler.ts';
import type { StoreServer } from './server.ts';

/** How long one who listened needs to listen again, in ms. */
const LISTENS_AGAIN_MS = 500;

/** One node, as far as it hears what the store passes on: NOTIFY, or PUBLISH. */
export interface Ear {
  readonly bells: Doorbells;
  /** Says something to all nodes, itself included: at most once, in order for each who hears it. */
  ring(user: string): void;
  /** Says something to another node. */
  say(to: Ear, run: () => void): void;
  /** What reaches it. */
  hear(run: () => void): void;
  deafen(isDeaf: boolean): void;
}

/** What nodes say to each other through the store: lost wherever one of them does not listen at that moment. */
export interface Air {
  join(host: Host, latencyMs: () => number): Ear;
  ringLate(ms: number): void;
  heal(): void;
}

export const createAir = (scheduler: Scheduler, server: StoreServer): Air => {
  const ears = new Set<Ear>();
  let lateMs = 0;
  const healers: (() => void)[] = [];

  const join = (host: Host, latencyMs: () => number): Ear => {
    const bells = createDoorbells();
    let isDeaf = false;
    let listensAtMs = 0;
    let lastAtMs = 0;
    healers.push(() => {
      isDeaf = false;
    });
    const canSay = () => !isDeaf && host.isAlive && server.isReached;
    server.onLost((backAtMs) => {
      if (!host.isAlive) return;
      listensAtMs = backAtMs + LISTENS_AGAIN_MS;
      // What was missed meanwhile rings when it listens again.
      const back = () => {
        if (scheduler.nowMs >= listensAtMs) host.after(0, () => bells.ringEverybody());
      };
      scheduler.at(listensAtMs, back);
    });
    const ear: Ear = {
      bells,
      ring(user) {
        if (!canSay()) return;
        for (const other of ears) other.hear(() => other.bells.ring(user));
      },
      say(to, run) {
        if (canSay()) to.hear(run);
      },
      hear(run) {
        if (isDeaf || scheduler.nowMs < listensAtMs) return;
        lastAtMs = Math.max(lastAtMs, scheduler.nowMs + latencyMs() + lateMs);
        scheduler.at(lastAtMs, () => {
          if (!isDeaf && scheduler.nowMs >= listensAtMs) host.after(0, run);
        });
      },
      deafen(next) {
        isDeaf = next;
      },
    };
    ears.add(ear);
    return ear;
  };
  return {
    join,
    ringLate(ms) {
      lateMs = ms;
    },
    heal() {
      lateMs = 0;
      for (const heal of healers) heal();
    },
  };
};
