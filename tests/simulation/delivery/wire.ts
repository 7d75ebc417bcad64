import type { Due, Scheduler } from './scheduler.ts';

/** What travels: a frame, or the end of a connection. */
export interface Parcel {
  readonly bytes: number;
  readonly arrive: () => void;
}

/** One direction of a link, as TCP has it: in order, whole, and sooner or later, or never. */
export interface Wire {
  send(parcel: Parcel): void;
  /** Nothing arrives any more until `flow`; it is kept. */
  stall(): void;
  flow(): void;
  /** What is under way is lost, and all that is sent from now on. */
  die(): void;
  /** What is sent from now on takes this much longer, and whatever was sent before comes earlier. */
  slow(extraMs: number): void;
  /** After this many more arrivals, this happens. */
  afterArrivals(count: number, then: () => void): void;
  /** Bytes that a stalled wire holds back. */
  readonly heldBytes: number;
}

export const createWire = (scheduler: Scheduler, latencyMs: () => number): Wire => {
  /** What is under way, oldest first. */
  let parcels: { readonly parcel: Parcel; readonly due: Due }[] = [];
  let held: Parcel[] = [];
  let isStalled = false;
  let isDead = false;
  let extraMs = 0;
  let lastAtMs = 0;
  let countdown = 0;
  let then = () => {};

  const arrive = (parcel: Parcel) => {
    parcel.arrive();
    if (countdown === 0) return;
    countdown -= 1;
    if (countdown === 0) then();
  };
  const launch = (parcel: Parcel, delayMs: number) => {
    lastAtMs = Math.max(lastAtMs, scheduler.nowMs + delayMs);
    const due = scheduler.at(lastAtMs, () => {
      parcels = parcels.filter((other) => other.due !== due);
      if (isStalled) held.push(parcel);
      else arrive(parcel);
    });
    parcels.push({ parcel, due });
  };

  return {
    send(parcel) {
      if (!isDead) launch(parcel, latencyMs() + extraMs);
    },
    stall() {
      isStalled = true;
    },
    flow() {
      isStalled = false;
      // In front of what is still under way.
      const waiting = [...held, ...parcels.map(({ parcel }) => parcel)];
      for (const { due } of parcels) scheduler.cancel(due);
      held = [];
      parcels = [];
      lastAtMs = scheduler.nowMs;
      for (const parcel of waiting) launch(parcel, 1);
    },
    die() {
      isDead = true;
      for (const { due } of parcels) scheduler.cancel(due);
      parcels = [];
      held = [];
    },
    slow(ms) {
      extraMs = ms;
    },
    afterArrivals(count, run) {
      countdown = count;
      then = run;
    },
    get heldBytes() {
      return held.reduce((sum, { bytes }) => sum + bytes, 0);
    },
  };
};
