import type { Clock, TimerHandle } from '../../lib/clock.ts';

/** How many times in an interval the wheel may turn. A power of two: the slots of most intervals begin at exact times. */
const SLOT_COUNT = 32;
/**
 * Few slots, since a turn of the loop for each socket costs more than its heartbeat. From this many on in a slot a
 * newcomer goes where the fewest are, and beats earlier the first time.
 */
const CROWD_COUNT = 64;

/** Who beats. */
export interface Beating {
  /** @param isLate This process stood still: what was sent to it may wait unread. */
  beat(now: number, isLate: boolean): void;
}

/** The ones that beat at the same moment. */
export type BeatSlot = Set<Beating>;

/**
 * One timer for all who beat in the same interval, spread over it, in place of one each. Nobody waits longer than an interval
 * for the first beat.
 *
 * A wheel that turns late by more than half an interval beats for all at once and says so.
 */
export interface BeatWheel {
  /** @returns What `remove` needs. */
  add(member: Beating): BeatSlot;
  remove(member: Beating, slot: BeatSlot): void;
}

export const createBeatWheel = (clock: Clock, everyMs: number): BeatWheel => {
  const slots: BeatSlot[] = Array.from({ length: SLOT_COUNT }, () => new Set());
  const slotMs = everyMs / SLOT_COUNT;
  let count = 0;
  /** When slot 0 was due for the first time. */
  let origin = 0;
  /** Which slot is due next, counted on from round to round; its timer. */
  let next = 0;
  let timer: TimerHandle | null = null;

  const slotOf = (turn: number): BeatSlot => slots[turn % SLOT_COUNT] as BeatSlot;
  const schedule = (turn: number) => {
    if (timer !== null) clock.clearTimeout(timer);
    next = turn;
    timer = clock.setTimeout(tick, Math.max(0, origin + turn * slotMs - clock.now()));
  };
  const scheduleNext = () => {
    timer = null;
    for (let turn = next + 1; turn <= next + SLOT_COUNT; turn += 1) {
      if (slotOf(turn).size === 0) continue;
      schedule(turn);
      return;
    }
  };
  function tick() {
    const now = clock.now();
    const dueAt = origin + next * slotMs;
    const isLate = now - dueAt > everyMs / 2;
    const due = isLate ? slots : [slotOf(next)];
    if (isLate) origin += now - dueAt;
    for (const slot of due) for (const member of slot) member.beat(now, isLate);
    scheduleNext();
  }

  /** The turn of the next round in which the fewest beat. */
  const quietest = (from: number): number => {
    let best = from;
    for (let turn = from + 1; turn < from + SLOT_COUNT; turn += 1)
      if (slotOf(turn).size < slotOf(best).size) best = turn;
    return best;
  };

  return {
    add(member) {
      const now = clock.now();
      if (count === 0) origin = now;
      const natural = Math.floor((now + everyMs - origin) / slotMs);
      const turn = slotOf(natural).size < CROWD_COUNT ? natural : quietest(natural - SLOT_COUNT + 1);
      const slot = slotOf(turn);
      slot.add(member);
      count += 1;
      if (timer === null || turn < next) schedule(turn);
      return slot;
    },
    remove(member, slot) {
      if (!slot.delete(member)) return;
      count -= 1;
      if (count > 0 || timer === null) return;
      clock.clearTimeout(timer);
      timer = null;
    },
  };
};
