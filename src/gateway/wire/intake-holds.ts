import type { Clock } from '../../lib/clock.ts';
import type { Inlet } from './inlet.ts';
import { IntakeShare, type ShareLimits } from './intake-share.ts';
import type { Turns } from './intake-turns.ts';

/** How long nobody looks at most whether a user may send again: a timer cannot wait for weeks. */
const MAX_WAIT_MS = 60_000;

export interface HoldLimits extends ShareLimits {
  readonly maxInputBytesPerUser: number;
}

/** The shares of all users, and whom nothing is taken of for a while since theirs is used up. */
export interface IntakeHolds {
  /** The share of a user: one for all its sockets. */
  of(userId: string): IntakeShare<Inlet>;
  /** Something was taken of the share. Where that was the last of it, nothing more is, until some is back. */
  settle(share: IntakeShare<Inlet>): void;
  /** Fewer bytes are kept of a user. */
  roomMade(share: IntakeShare<Inlet>): void;
  /** Lets a share go that nobody uses and that has nothing to pay back. */
  retire(share: IntakeShare<Inlet>): void;
  /** Holds nobody any more, leaves no timer, and returns all shares. */
  stop(): Iterable<IntakeShare<Inlet>>;
  readonly isStopped: boolean;
}

export const createIntakeHolds = (limits: HoldLimits, clock: Clock, turns: Turns): IntakeHolds => {
  const shares = new Map<string, IntakeShare<Inlet>>();
  let isStopped = false;

  const isFull = ({ keptBytes }: IntakeShare<Inlet>) => keptBytes > limits.maxInputBytesPerUser;
  const retire = (share: IntakeShare<Inlet>) => {
    if (share.members.length > 0 || share.keptBytes > 0 || share.timer !== null || isStopped) return;
    share.fill(clock.now());
    if (share.isFull) shares.delete(share.userId);
    // Else whoever dials again would begin with a full one.
    else share.timer = clock.setTimeout(() => retireLater(share), share.msUntilFull);
  };
  const retireLater = (share: IntakeShare<Inlet>) => {
    share.timer = null;
    retire(share);
  };

  const hold = (share: IntakeShare<Inlet>, now: number) => {
    share.heldSince = now;
    turns.leave(share);
    for (const inlet of share.members) inlet.pause(now);
    if (share.timer !== null) clock.clearTimeout(share.timer);
    lookLater(share);
  };
  const lookLater = (share: IntakeShare<Inlet>) => {
    const waitMs = Math.min(Math.max(1, share.msUntilSome), MAX_WAIT_MS);
    share.timer = clock.setTimeout(() => look(share), waitMs);
  };
  const look = (share: IntakeShare<Inlet>) => {
    share.timer = null;
    share.fill(clock.now());
    if (share.isSpent) lookLater(share);
    // Else whoever makes room looks again.
    else if (!isFull(share)) release(share);
  };
  const release = (share: IntakeShare<Inlet>) => {
    const now = clock.now();
    const heldMs = now - (share.heldSince ?? now);
    share.heldSince = null;
    for (const inlet of share.members) {
      inlet.unfinishedSince += heldMs;
      if (inlet.waiting.length === 0) inlet.resume(now);
    }
    if (share.waiting.length > 0) turns.join(share);
    retire(share);
  };

  return {
    of(userId) {
      const known = shares.get(userId);
      if (known !== undefined) return known;
      const share = new IntakeShare<Inlet>(userId, limits, clock.now());
      shares.set(userId, share);
      return share;
    },
    settle(share) {
      if (!(share.isSpent || isFull(share)) || share.heldSince !== null || isStopped) return;
      const now = clock.now();
      share.fill(now);
      if (share.isSpent || isFull(share)) hold(share, now);
    },
    roomMade(share) {
      if (isStopped) return;
      if (share.heldSince === null) retire(share);
      else if (share.timer === null && !isFull(share)) look(share);
    },
    retire,
    stop() {
      isStopped = true;
      for (const share of shares.values()) {
        if (share.timer !== null) clock.clearTimeout(share.timer);
        share.timer = null;
        share.heldSince = null;
      }
      return shares.values();
    },
    get isStopped() {
      return isStopped;
    },
  };
};
