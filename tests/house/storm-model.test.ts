import { exponentialBackoff, linearBackoff } from 'statesocket';
import { createScenario } from 'statesocket/testing';
import { expect, it } from 'vitest';
import { statesocket } from '../../benchmarks/storm/clients.mjs';
import { seeded } from '../../benchmarks/storm/storm.mjs';

const LOST_AT = 100_000;

/** When a real connection dials after it lost a server that never comes back, in virtual ms. */
const dialsOfTheChart = (backoff: ReturnType<typeof linearBackoff>, random: () => number): number[] => {
  const { connection, server, clock } = createScenario({ backoff, random });
  connection.connect({ userId: 'ada' });
  server.accepts();
  clock.passes(LOST_AT);
  server.closes(1006);
  const dialledAt: number[] = [];
  while (connection.status !== 'failed') {
    const dialCount = server.sockets.length;
    clock.passes(clock.nextTimerInMs ?? 0);
    if (server.sockets.length === dialCount) continue;
    dialledAt.push(clock.now());
    server.refuses();
  }
  return dialledAt;
};

const dialsOfTheModel = (backoff: ReturnType<typeof linearBackoff>, random: () => number): number[] => {
  const client = statesocket(backoff)(random);
  const dialledAt: number[] = [];
  for (let at = client(LOST_AT); at !== null; at = client(at)) dialledAt.push(at);
  return dialledAt;
};

const POLICIES = {
  'the default': exponentialBackoff(),
  'full jitter, which spends the connect budget sooner': exponentialBackoff({ baseMs: 200, jitter: 'full' }),
  "RednGift's schedule": linearBackoff(),
};

// The figures of benchmarks/storm rest on a model of one client; this ties it to the chart.
it.each(Object.entries(POLICIES))('the client of the storm dials when the chart does: %s', (_, backoff) => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const chart = dialsOfTheChart(backoff, seeded(seed));
    const model = dialsOfTheModel(backoff, seeded(seed));
    expect(chart).toHaveLength(20);
    for (const [index, at] of chart.entries()) expect(at).toBeCloseTo(model[index] ?? Number.NaN, 3);
  }
});
