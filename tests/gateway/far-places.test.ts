import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { createFarPlaces } from '../../src/gateway/nodes/far-places.ts';
import { createRoster } from '../../src/gateway/roster.ts';
import type { Session } from '../../src/gateway/session/session.ts';

/** The places of users at one node of several. At most two sockets per user on all of them. */
const startNode = () => {
  const clock = createVirtualClock();
  const roster = createRoster();
  /** How many sockets each user has on all nodes by now; an error where the engine does not say. */
  const counts = new Map<string, number>();
  const crowded: string[] = [];
  const places = createFarPlaces({
    roster,
    clock,
    maxPerUser: 2,
    async countAll(userId) {
      const count = counts.get(userId);
      if (count === undefined) throw new Error('The store is gone.');
      return count;
    },
    sayCrowded: (userId) => void crowded.push(userId),
  });
  const open = (userId: string) => {
    const seen = { probeCount: 0, isClosed: false, silentSince: null as number | null, alive: () => {} };
    const session: Session = Object.assign(Object.create(null), {
      userId,
      probe(alive: () => void) {
        seen.probeCount += 1;
        seen.silentSince = clock.now();
        seen.alive = () => {
          seen.silentSince = null;
          alive();
        };
      },
      close(code: number, reason: string) {
        expect([code, reason]).toEqual([4429, 'too many sockets']);
        seen.isClosed = true;
        roster.remove(session);
      },
    });
    Object.defineProperty(session, 'silentSince', { get: () => seen.silentSince });
    roster.add(session);
    return seen;
  };
  const pass = async (ms: number) => {
    clock.passes(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, places, counts, crowded, open, pass };
};

describe('a user with too many sockets on all nodes together', () => {
  it('has the others told and those here asked; dead ones go after 2 s, and living ones stay where that is enough', async () => {
    const { clock, places, counts, crowded, open, pass } = startNode();
    const [dead, living] = [open('anna'), open('anna')];
    places.placed('anna', 3);
    expect(crowded).toEqual(['anna']);
    living.alive();
    counts.set('anna', 2);
    await pass(1_999);
    expect(dead.isClosed).toBe(false);
    await pass(1);
    expect([dead, living].map(({ isClosed }) => isClosed)).toEqual([true, false]);
    await pass(1_000);
    expect(living.isClosed).toBe(false);
    expect(clock.timerCount).toBe(0);
  });

  it('loses the newest ones here, as many as are too many, where all are alive', async () => {
    const { places, counts, open, pass } = startNode();
    const here = [open('anna'), open('anna'), open('anna')];
    places.placed('anna', 4);
    for (const { alive } of here) alive();
    counts.set('anna', 4);
    await pass(2_999);
    expect(here.some(({ isClosed }) => isClosed)).toBe(false);
    await pass(1);
    expect(here.map(({ isClosed }) => isClosed)).toEqual([false, true, true]);
  });

  it('is asked once, however many more come meanwhile, and again after that', async () => {
    const { places, counts, crowded, open, pass } = startNode();
    const first = open('anna');
    for (let n = 0; n < 3; n += 1) places.placed('anna', 3);
    places.clear('anna');
    expect([first.probeCount, crowded.length]).toEqual([1, 1]);
    first.alive();
    counts.set('anna', 2);
    await pass(3_000);
    places.placed('anna', 3);
    expect([first.probeCount, crowded.length]).toEqual([2, 2]);
  });

  it('keeps one that is not read from: its reply may lie unread', async () => {
    const { places, counts, open, pass } = startNode();
    const held = open('anna');
    places.placed('anna', 3);
    held.silentSince = null;
    counts.set('anna', 2);
    await pass(3_000);
    expect(held.isClosed).toBe(false);
  });

  it('keeps all where the engine does not say how many there are', async () => {
    const { places, open, pass } = startNode();
    const living = open('anna');
    places.placed('anna', 3);
    living.alive();
    await pass(3_000);
    expect(living.isClosed).toBe(false);
  });
});

it('nobody is asked where there are as many as there may be, or all of them are here', () => {
  const { clock, places, crowded, open } = startNode();
  const here = [open('anna'), open('anna'), open('anna')];
  places.placed('anna', 3);
  open('bert');
  places.placed('bert', 2);
  expect([crowded.length, clock.timerCount, ...here.map(({ probeCount }) => probeCount)]).toEqual([
    0, 0, 0, 0, 0,
  ]);
});

it('nothing is asked or closed after the stop, and no timer is left (I10)', async () => {
  const { clock, places, counts, open, pass } = startNode();
  const dead = open('anna');
  places.placed('anna', 3);
  counts.set('anna', 3);
  places.stop();
  expect(clock.timerCount).toBe(0);
  await pass(5_000);
  expect(dead.isClosed).toBe(false);
});
