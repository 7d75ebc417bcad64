import { once } from 'node:events';
import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import { settleDrain, slotOf } from '../../src/gateway/staged-close.ts';
import { startCrowd } from './support/dialling-crowd.ts';
import { startGateway } from './support/gateway-harness.ts';
import { hearFacts } from './support/heard-facts.ts';
import { command, settle, startHub } from './support/hub-harness.ts';

/** The most dials of any second. */
const peakOf = (dials: readonly number[]) =>
  Math.max(...dials.map((from) => dials.filter((at) => at >= from && at < from + 1_000).length));

/** Two nodes, and a crowd that has been on the first for a while. */
const startTwoNodes = async (count: number) => {
  const clock = createVirtualClock();
  const [first, second] = [startHub({ clock }).hub, startHub({ clock }).hub];
  const turn = { isDraining: false };
  const crowd = await startCrowd(count, clock, () => (turn.isDraining ? second : first));
  await crowd.passes(6_000);
  expect(crowd.statuses).toEqual({ open: count });
  const startedAt = clock.now();
  turn.isDraining = true;
  const later = () => crowd.dials.slice(count).map((at) => at - startedAt);
  return { first, second, crowd, later };
};

describe('a node of two hands its 200 clients over', () => {
  it('closing all at once: the other one gets all their dials within two seconds', async () => {
    const { first, second, crowd, later } = await startTwoNodes(200);
    void first.drain();
    await crowd.passes(3_000);
    expect(second.connectionCount).toBe(200);
    expect(peakOf(later())).toBeGreaterThan(90);
  });

  it('one after the other: the other one gets as many dials a second as it was told', async () => {
    const { first, second, crowd, later } = await startTwoNodes(200);
    const { done } = first.closeInTurn({ dialsPerSecond: 20, withinMs: 20_000 });
    await crowd.passes(5_000);
    // Whoever has not had their turn is served as ever.
    expect(first.connectionCount).toBeGreaterThan(90);
    first.publishVolatile(['user-199'], { type: 'NEWS' });
    await crowd.passes(8_000);
    await done;
    expect([first.connectionCount, second.connectionCount]).toEqual([0, 200]);
    expect(later()).toHaveLength(200);
    expect(peakOf(later())).toBeLessThanOrEqual(30);
    expect(crowd.advices).toEqual([]);
  });

  it('in less time than that takes: it closes faster, and its clients wait as they were told', async () => {
    const { first, second, crowd, later } = await startTwoNodes(200);
    const { done } = first.closeInTurn({ dialsPerSecond: 20, withinMs: 2_000 });
    await crowd.passes(2_000);
    await done;
    expect(first.connectionCount).toBe(0);
    expect(crowd.statuses.backoff).toBeGreaterThan(150);
    expect(Math.max(...crowd.advices)).toBeGreaterThan(7_500);
    await crowd.passes(10_000);
    expect(second.connectionCount).toBe(200);
    expect(later()).toHaveLength(200);
    expect(peakOf(later())).toBeLessThanOrEqual(40);
  });
});

describe('the slots of a drain', () => {
  it('are as far apart as was asked for, and none is after its end', () => {
    for (const withinMs of [0, 700, 60_000]) {
      const drain = settleDrain({ dialsPerSecond: 50, withinMs });
      const slots = Array.from({ length: 100 }, (_none, index) => slotOf(index, 100, drain));
      for (const [index, { atMs, minDelayMs }] of slots.entries()) {
        expect(atMs).toBeLessThanOrEqual(withinMs);
        // Advice below 100 ms is left out.
        expect(Math.abs(atMs + minDelayMs - index * 20)).toBeLessThan(100);
      }
    }
  });

  it('never advise more than a client waits', () => {
    expect(slotOf(9_999, 10_000, { dialsPerSecond: 1, withinMs: 0 }).minDelayMs).toBe(600_000);
  });

  it.each([
    { dialsPerSecond: 0 },
    { dialsPerSecond: Number.NaN },
    { withinMs: -1 },
    { withinMs: '5' as never },
  ])('cannot be asked for with %j', (options) => {
    expect(() => settleDrain(options)).toThrowError(expect.objectContaining({ code: 'bad-option' }));
  });
});

describe('drain', () => {
  it('refuses upgrades with 503 and Retry-After at once, and serves who is there until it is their turn', async () => {
    const clock = createVirtualClock();
    const heard = hearFacts();
    const { connect, dial, gateway } = await startGateway({ clock, observers: [heard.observer] });
    const [anna, bert] = [await connect('anna'), await connect('bert')];
    const drained = gateway.drain({ dialsPerSecond: 1, withinMs: 60_000 });
    expect((await anna.closed).code).toBe(1012);
    const late = dial('cleo').ws;
    const [, response] = await once(late, 'unexpected-response');
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '5']);
    expect(heard.figures().isClosing).toBe(true);
    expect(gateway.drain()).toBe(drained);
    await gateway.publish(['bert'], { type: 'NEWS' });
    await bert.caughtUp();
    expect(bert.of('NEWS')).toHaveLength(1);
    clock.passes(1_000);
    expect((await bert.closed).code).toBe(1012);
    await drained;
    expect(gateway.connectionCount).toBe(0);
  });

  it('is cut short by close, which closes the rest at once', async () => {
    const clock = createVirtualClock();
    const { connect, gateway } = await startGateway({ clock });
    const sockets = [await connect('anna'), await connect('bert'), await connect('cleo')];
    const drained = gateway.drain({ dialsPerSecond: 0.1, withinMs: 60_000 });
    await gateway.close();
    await drained;
    for (const { closed } of sockets) expect((await closed).code).toBe(1012);
    expect(clock.timerCount).toBe(0);
    expect(gateway.drain()).toBe(gateway.close());
  });

  it('throws for what cannot be, and lets on who dials', async () => {
    const { connect, gateway } = await startGateway();
    expect(() => gateway.drain({ dialsPerSecond: -1 })).toThrow('dialsPerSecond must be a number above 0');
    await connect('anna');
  });

  it('of a gateway without sockets is over at once', async () => {
    const { gateway } = await startGateway({ clock: createVirtualClock() });
    await gateway.drain();
  });

  it('receipts the command that runs before it closes its socket, and waits 1.5 s for one that hangs', async () => {
    const ends: (() => void)[] = [];
    const handle = () => new Promise<void>((resolve) => void ends.push(resolve));
    const { hub, clock, connect } = startHub({ handle });
    const [anna, bert] = [await connect('anna'), await connect('bert')];
    for (const peer of [anna, bert]) {
      await peer.resume(null);
      await peer.say(command(`c-${ends.length}`, 1));
    }
    const finished = vi.fn();
    void hub.closeInTurn({ dialsPerSecond: 1_000, withinMs: 1_000 }).done.then(finished);
    clock.passes(10);
    ends[0]?.();
    await settle();
    await settle();
    expect(anna.of('RECEIPT')).toHaveLength(1);
    expect([anna.closeCode, bert.closeCode]).toEqual([1012, null]);
    clock.passes(1_490);
    await settle();
    clock.passes(10);
    await settle();
    expect(bert.closeCode).toBe(1012);
    expect(finished).toHaveBeenCalledOnce();
  });
});
