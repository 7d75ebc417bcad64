import type { StatesocketError } from 'statesocket';
import { createScenario } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import { createIdleCuts } from '../../src/actors/idle-cuts.ts';
import { tellCure } from '../../src/client/tell-cure.ts';

const start = () => {
  const errors: StatesocketError[] = [];
  const report = (error: StatesocketError): void => {
    errors.push(error);
    tellCure(error, true);
  };
  return { cuts: createIdleCuts(report), errors };
};

/** Numbers in [0, 1) that look random and are the same each time. Source: mulberry32. */
const createChance = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};

describe('sockets that are cut when nothing passes', () => {
  it.each([
    ['nginx', [60_003, 60_120, 60_041], 60],
    ['a load balancer of 350 s', [350_010, 350_900, 352_000], 350],
    ['a proxy of 5 s', [5_001, 5_002, 5_020], 5],
    ['a timer that fires a little early', [59_990, 60_050, 59_999], 60],
  ])('(%s) get a hint at the third, with what to write', async (_, quietMs, seconds) => {
    const { cuts, errors } = start();
    for (const ms of quietMs) {
      expect(errors).toEqual([]);
      cuts.closed(ms, 1006);
    }
    expect(errors.map(({ code }) => code)).toEqual(['idle-timeout']);
    expect(errors[0]?.message).toContain(`nothing had passed for ${seconds} s`);
    await vi.waitFor(() =>
      expect(errors[0]?.message).toContain('heartbeat: { intervalMs, timeoutMs, ping }'),
    );
  });

  it.each([
    ['two of them', [60_000, 60_000]],
    ['another in between', [60_000, 60_000, 3_000, 60_000]],
    ['times that differ', [60_000, 61_500, 60_000, 62_900]],
    ['sockets that die young', [1_000, 1_000, 1_000, 1_000]],
    ['times that end nowhere near a whole second', [60_500, 60_500, 60_500]],
  ])('(%s) get none', (_, quietMs) => {
    const { cuts, errors } = start();
    for (const ms of quietMs) cuts.closed(ms, 1006);
    expect(errors).toEqual([]);
  });

  it('an end of another kind begins the row again', () => {
    const { cuts, errors } = start();
    for (const ms of [60_000, 60_000]) cuts.closed(ms, 1006);
    cuts.endedOtherwise();
    for (const ms of [60_000, 60_000]) cuts.closed(ms, 1006);
    expect(errors).toEqual([]);
    cuts.closed(60_000, 1006);
    expect(errors).toHaveLength(1);
  });

  it('are seldom found in cuts by chance: fewer than one in 5,000 rows of three', () => {
    const chance = createChance(1);
    let hintCount = 0;
    const rowCount = 20_000;
    for (let row = 0; row < rowCount; row += 1) {
      const { cuts, errors } = start();
      for (let cut = 0; cut < 3; cut += 1) cuts.closed(-Math.log(1 - chance()) * 120_000, 1006);
      hintCount += errors.length;
    }
    expect(hintCount).toBeLessThan(rowCount / 5_000);
  });
});

describe('a connection behind a proxy that cuts it when it is idle', () => {
  it('is told once, though traffic came before each silence', () => {
    const { connection, server, clock, errors } = createScenario({ backoff: () => 1_000 });
    connection.on('NEWS', () => {});
    connection.connect({ userId: 'ada' });
    for (let cut = 0; cut < 6; cut += 1) {
      server.accepts();
      for (let frame = 0; frame <= cut; frame += 1) {
        clock.passes(7_777);
        if (frame % 2 === 0) server.sends({ type: 'NEWS' });
        else connection.send({ type: 'SAY' });
      }
      clock.passes(60_050);
      server.closes(1006);
      clock.passes(1_000);
    }
    expect(errors.map(({ code }) => code)).toEqual(['idle-timeout']);
    connection.dispose();
  });

  it('is not told that a server which restarts each minute is a proxy, while messages come', () => {
    const { connection, server, clock, errors } = createScenario({ backoff: () => 1_000 });
    connection.on('NEWS', () => {});
    connection.connect({ userId: 'ada' });
    for (let restart = 0; restart < 20; restart += 1) {
      server.accepts();
      for (let second = 0; second < 59; second += 1) {
        clock.passes(1_000);
        server.sends({ type: 'NEWS' });
      }
      clock.passes(1_000);
      server.closes(1006);
      clock.passes(1_000);
    }
    expect(errors).toEqual([]);
    connection.dispose();
  });
});
