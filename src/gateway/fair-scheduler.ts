import type { Clock } from '../lib/clock.ts';

/** How long, in ms, work may hold the event loop before the loop goes round. What runs is not interrupted. */
export const SLICE_MS = 10;

/** Whose work it is: a user's, by id, or a part of the gateway's own. */
export type Owner = string | symbol;

/** The messages that the app publishes outside of commands. */
export const APP = Symbol('app');
/** Who comes and who goes. */
export const PRESENCE = Symbol('presence');

/** Asks for a turn of one owner: see {@link FairScheduler}. */
export type TakeTurn = () => Promise<void> | undefined;

/**
 * Shares the event loop among all who have work: users take turns, however many sockets each has, and the gateway's own
 * work has every second turn. One owner's turns come in the order in which they were asked for.
 */
export interface FairScheduler {
  /**
   * Leave to work until the next `await` on something outside this process. Undefined: at once, since nobody waits and the
   * slice is not used up. It holds nothing: there is no need to give it back.
   *
   * @example
   * const turn = scheduler.turn(userId);
   * if (turn !== undefined) await turn;
   */
  turn(owner: Owner): Promise<void> | undefined;
}

/** Those who wait, by owner: each owner once before any comes again. */
const createRotation = () => {
  const byOwner = new Map<Owner, Set<() => void>>();
  return {
    get isEmpty() {
      return byOwner.size === 0;
    },
    add(owner: Owner, goOn: () => void) {
      const waiting = byOwner.get(owner) ?? new Set();
      byOwner.set(owner, waiting.add(goOn));
    },
    take(): (() => void) | undefined {
      for (const [owner, waiting] of byOwner) {
        byOwner.delete(owner);
        for (const goOn of waiting) {
          waiting.delete(goOn);
          if (waiting.size > 0) byOwner.set(owner, waiting);
          return goOn;
        }
      }
      return undefined;
    },
  };
};

/**
 * An engine that is synchronous behind `async` gives microtasks only: whoever awaits it never lets the loop go round. So
 * the scheduler measures how long a turn of the loop has lasted, and lets those wait who come when the slice is used up.
 */
export const createFairScheduler = (options: {
  readonly clock: Pick<Clock, 'now'>;
  /** Calls back in a later turn of the event loop, when what came in meanwhile has been seen to. */
  readonly nextTurn: (run: () => void) => void;
  /** @default SLICE_MS. With 0, one who waits goes on in each turn of the loop. */
  readonly sliceMs?: number | undefined;
}): FairScheduler => {
  const { clock, nextTurn, sliceMs = SLICE_MS } = options;
  const users = createRotation();
  const own = createRotation();
  /** When the slice began; null: nothing has run since the loop went round. */
  let begunAt: number | null = null;
  let isOwnNext = true;

  const isUsedUp = () => begunAt !== null && clock.now() - begunAt >= sliceMs;
  const isAnyoneWaiting = () => !users.isEmpty || !own.isEmpty;
  const take = () => {
    const goOn = isOwnNext ? (own.take() ?? users.take()) : (users.take() ?? own.take());
    isOwnNext = !isOwnNext;
    return goOn;
  };

  const goOn = () => {
    take()?.();
    // A tick comes when no microtask is left: what went on has done by then all that it can in this turn of the loop.
    queueMicrotask(() =>
      process.nextTick(() => {
        if (isAnyoneWaiting() && !isUsedUp()) goOn();
        else nextTurn(begin);
      }),
    );
  };
  const begin = () => {
    if (isAnyoneWaiting()) {
      begunAt = clock.now();
      goOn();
    } else {
      begunAt = null;
    }
  };

  /** An immediate that is asked for while input is taken in comes before any more of it: only the one after lets that in. */
  const endFirst = () => {
    if (isAnyoneWaiting()) nextTurn(begin);
    else begunAt = null;
  };

  return {
    turn(owner) {
      if (begunAt === null) {
        begunAt = clock.now();
        nextTurn(endFirst);
        return undefined;
      }
      if (!isAnyoneWaiting() && !isUsedUp()) return undefined;
      return new Promise((resolve) => (typeof owner === 'string' ? users : own).add(owner, resolve));
    },
  };
};
