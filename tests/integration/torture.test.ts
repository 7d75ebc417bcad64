import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, createConnection, type WireMessage } from 'statesocket';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildForNode } from '../../scripts/build-for-node.mjs';
import type { Happening } from '../simulation/delivery/history.ts';
import { countEndToEnd } from './torture/end-to-end.ts';
import { faultScript } from './torture/fault-script.ts';
import { openStatesocketMember } from './torture/member.ts';
import { type TortureOptions, type TortureOutcome, torture } from './torture/torture.ts';
import { witnessed } from './torture/witness.ts';

/**
 * Real clients on `ws`, the TCP fault proxy, and the real gateway on a sqlite file in a process of its own, which is killed,
 * frozen, filled up and restarted. Judged by the checkers of the simulation. For 20 minutes: `npm run torture`.
 */
let built: Awaited<ReturnType<typeof buildForNode>>;
beforeAll(async () => {
  built = await buildForNode({ server: 'tests/integration/torture/gateway-server.ts' });
}, 60_000);
afterAll(() => built.remove());

const runTorture = async (
  options: Pick<TortureOptions, 'seed' | 'durationMs' | 'faultEveryMs'> & {
    readonly create?: typeof createConnection;
  },
): Promise<TortureOutcome> => {
  const directory = await mkdtemp(join(tmpdir(), 'torture-'));
  try {
    return await torture({
      sayEveryMs: 120,
      awayMs: 6_000,
      retainedCount: 100,
      serverScript: join(built.directory, 'server.js'),
      directory,
      open: openStatesocketMember(options.create ?? createConnection),
      witnessed,
      ...options,
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

type Listener = (message: WireMessage) => void;

/** A client that does not keep its word about durable messages: what its listeners get is bent. */
const bent = (bend: (listener: Listener) => Listener): typeof createConnection =>
  ((options: Parameters<typeof createConnection<WireMessage>>[0]): Connection<WireMessage> => {
    const connection = createConnection(options);
    const on = ((type: string, listener: Listener) =>
      connection.on(type, type === 'SAID' ? bend(listener) : listener)) as typeof connection.on;
    return Object.create(connection, { on: { value: on } });
  }) as typeof createConnection;

/** The message of this number is treated otherwise. */
const atMessage = (number: number, treat: (listener: Listener, message: WireMessage) => void) =>
  bent((listener) => {
    let count = 0;
    return (message) => {
      count += 1;
      if (count === number) treat(listener, message);
      else listener(message);
    };
  });

describe('real sockets and real processes under faults', () => {
  it('lose nothing, double nothing and reorder nothing: I2 I3 I4 I5 I6 I7 I8', async () => {
    const outcome = await runTorture({ seed: 25, durationMs: 18_000, faultEveryMs: 700 });
    expect(outcome.breaches).toEqual([]);
    expect(outcome.endToEnd).toMatchObject({
      lostCount: 0,
      twiceCount: 0,
      outOfOrderCount: 0,
      toldWronglyCount: 0,
    });
    expect(outcome.calmAfterMs).not.toBeNull();
    expect(outcome.saidCount).toBeGreaterThan(100);
    expect(outcome.appliedCount).toBeGreaterThan(100);
    // This seed deals each of them.
    expect(Object.keys(outcome.faultCounts).length).toBe(12);
  }, 300_000);

  it.each([
    ['drops a message', atMessage(5, () => {}), 'lost'],
    [
      'applies a message twice',
      atMessage(5, (listener, message) => {
        listener(message);
        listener(message);
      }),
      'duplicated',
    ],
  ])(
    'are caught with a client that %s',
    async (_, create, kind) => {
      const { breaches } = await runTorture({ seed: 4, durationMs: 3_000, faultEveryMs: 60_000, create });
      expect(new Set(breaches.map((breach) => breach.kind))).toContain(kind);
    },
    300_000,
  );
});

describe('what users would count', () => {
  const from = (...happenings: Happening[]) =>
    countEndToEnd(happenings.map((one, atMs) => ({ atMs, ...one })));
  const said = (uid: string, answer = 'queued'): Happening => {
    return { what: 'said', page: 'ada', uid, answer, to: ['ben'], parts: 1, mood: 'done' };
  };
  const ends = (uid: string, state: string, code?: string): Happening => {
    return {
      what: 'entry',
      page: 'ada',
      ref: uid,
      key: uid,
      uid,
      state,
      ...(code === undefined ? {} : { code }),
    };
  };
  const gets = (page: string, ref: string): Happening => ({ what: 'applied', page, id: ref, ref, part: 0 });
  const all = (uid: string) => [said(uid), gets('ada', uid), gets('ben', uid), ends(uid, 'delivered')];
  const well = {
    owedCount: 2,
    lostCount: 0,
    lostBy: {},
    twiceCount: 0,
    outOfOrderCount: 0,
    givenUpCount: 0,
    toldWronglyCount: 0,
    undecidedCount: 0,
  };

  it('is right where each message came once, also where a reload brought it', () => {
    expect(from(...all('ada/1'))).toEqual(well);
    const have = ['ada/1:0'];
    expect(
      from(said('ada/1'), gets('ada', 'ada/1'), ends('ada/1', 'delivered'), {
        what: 'reloaded',
        page: 'ben',
        have,
      }),
    ).toEqual(well);
    expect(from({ what: 'reloaded', page: 'ben', have }, ...all('ada/1'))).toEqual(well);
  });

  it.each<[string, Happening[], Partial<typeof well>]>([
    [
      'lost',
      [said('ada/1'), gets('ada', 'ada/1'), ends('ada/1', 'delivered')],
      { lostCount: 1, lostBy: { ben: 1 } },
    ],
    ['twice', [...all('ada/1'), gets('ben', 'ada/1')], { twiceCount: 1 }],
    [
      'out of order',
      [said('ada/1'), said('ada/2'), ...all('ada/2').slice(1), ...all('ada/1').slice(1)],
      { owedCount: 4, outOfOrderCount: 2 },
    ],
    ['given up', [said('ada/1'), ends('ada/1', 'failed', 'timeout')], { owedCount: 0, givenUpCount: 1 }],
    ['refused', [said('ada/1'), ends('ada/1', 'failed', 'not-allowed')], { owedCount: 0 }],
    [
      'told wrongly',
      [said('ada/1'), gets('ben', 'ada/1'), ends('ada/1', 'failed', 'not-allowed')],
      { owedCount: 0, toldWronglyCount: 1 },
    ],
    ['undecided', [said('ada/1'), gets('ben', 'ada/1')], { owedCount: 0, undecidedCount: 1 }],
    ['not taken', [said('ada/1', 'refused')], { owedCount: 0 }],
  ])('counts what was %s', (_, happenings, found) => {
    expect(from(...happenings)).toEqual({ ...well, ...found });
  });
});

describe('the script of faults', () => {
  const options = {
    durationMs: 1_200_000,
    everyMs: 2_500,
    awayMs: 40_000,
    users: ['ada', 'ben'],
    restless: 'ben',
  };
  const script = faultScript({ seed: 1, ...options });
  const faults = script.flatMap(({ fault }) => (fault === null ? [] : [fault]));

  it('is decided by its seed', () => {
    expect(faultScript({ seed: 1, ...options })).toEqual(script);
    expect(faultScript({ seed: 2, ...options })).not.toEqual(script);
  });

  it('has every kind of fault, in 20 minutes more than 300', () => {
    expect(faults.length).toBeGreaterThan(300);
    expect(new Set(faults).size).toBe(12);
  });

  it('does one thing at a time to each user and to the server', () => {
    const busyUntil = new Map<string | null, number>();
    for (const { fault, user, atMs, forMs } of script) {
      if (fault === null) continue;
      expect(atMs).toBeGreaterThanOrEqual(busyUntil.get(user) ?? 0);
      busyUntil.set(user, atMs + forMs);
    }
  });
});
