import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { GATEWAY_FACTS } from '../../src/gateway/index.ts';
import { prometheusObserver } from '../../src/gateway/metrics/index.ts';
import type { FactDefinition } from '../../src/gateway/observation/gateway-facts.ts';
import { startGateway } from './support/gateway-harness.ts';

const seriesOf = async (registry: Registry) =>
  (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('the metrics of a gateway', () => {
  it('are there from the beginning, all at zero, so that the first of a kind is seen as a rise', async () => {
    const registry = new Registry();
    prometheusObserver({ registry });
    const lines = await seriesOf(registry);
    expect(lines).toContain('statesocket_dial_refused_total{reason="origin"} 0');
    expect(lines).toContain('statesocket_connections 0');
    expect(lines.every((line) => line.endsWith(' 0'))).toBe(true);
  });

  it('count what happens, with durations in seconds', async () => {
    const registry = new Registry();
    const { connect, dial } = await startGateway({ observers: [prometheusObserver({ registry })] });
    const anna = await connect('anna');
    await dial('bert', { path: '/connect/nobodys/' }).closed;
    anna.send({ type: 'A' });
    await anna.caughtUp();
    const lines = await seriesOf(registry);
    for (const line of [
      'statesocket_connections 1',
      'statesocket_users 1',
      'statesocket_dial_accepted_total 1',
      'statesocket_dial_refused_total{reason="unauthenticated"} 1',
      'statesocket_command_ended_seconds_count{outcome="done"} 1',
      'statesocket_command_ended_seconds_bucket{le="10",outcome="done"} 1',
    ])
      expect(lines).toContain(line);
  });

  it('add up the figures of two gateways of one process', async () => {
    const registry = new Registry();
    const observers = [prometheusObserver({ registry, prefix: 'mine_' })];
    for (const name of ['anna', 'bert']) await (await startGateway({ observers })).connect(name);
    expect(await seriesOf(registry)).toContain('mine_connections 2');
  });

  it('are as many after a crowd of strangers as before: nothing that a client chose is a label', async () => {
    const registry = new Registry();
    const { connect, dial, gateway } = await startGateway({ observers: [prometheusObserver({ registry })] });
    const before = (await seriesOf(registry)).length;
    for (let n = 0; n < 20; n += 1) {
      const client = await connect(`user-${n}`);
      client.send({ type: `TYPE_${n}`, id: n });
      await client.caughtUp();
      gateway.disconnectUser(`user-${n}`, 4900 + n, `reason ${n}`);
      await dial(`stranger-${n}`, { origin: `https://page-${n}.example` }).closed;
    }
    expect(await seriesOf(registry)).toHaveLength(before);
    expect(before).toBeLessThan(450);
  });

  it('have names and units as Prometheus wants them, one for each fact', async () => {
    const registry = new Registry();
    prometheusObserver({ registry });
    const names = (await registry.getMetricsAsJSON()).map(({ name }) => name);
    for (const [fact, { kind }] of Object.entries<FactDefinition>(GATEWAY_FACTS))
      expect(names).toContain(
        `statesocket_${fact.replaceAll('.', '_')}_${kind === 'count' ? 'total' : 'seconds'}`,
      );
    expect(names).toHaveLength(Object.keys(GATEWAY_FACTS).length + 6);
    for (const name of names) expect(name).toMatch(/^[a-z_]+$/);
  });
});
