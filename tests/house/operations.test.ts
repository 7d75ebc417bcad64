import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { type FactDefinition, GATEWAY_FACTS } from '../../src/gateway/index.ts';
import { prometheusObserver } from '../../src/gateway/metrics/index.ts';
import { settleDrain } from '../../src/gateway/staged-close.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');

const registry = new Registry();
prometheusObserver({ registry });

/** The table of what to watch: name, type and label of each metric. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `statesocket_'))
  .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))
  .map(([, name = '', type = '', label = '', tells = '']) => ({ name, type, label, tells }));

describe('docs/operations.md', () => {
  it('names every metric of a gateway, with its type', async () => {
    const metrics = await registry.getMetricsAsJSON();
    expect(rows.map(({ name, type }) => `${name} ${type}`)).toEqual(
      metrics.map(({ name, type }) => `${name} ${type}`),
    );
    for (const { name, tells } of rows) expect(tells, name).not.toBe('');
  });

  it('names the label of each', () => {
    const labels = Object.entries<FactDefinition>(GATEWAY_FACTS).map(([fact, { label }]) => [
      `statesocket_${fact.replaceAll('.', '_')}`,
      label?.name ?? '',
    ]);
    for (const [name = '', label] of labels)
      expect(
        rows.find((row) => row.name.startsWith(`${name}_`) && /_(total|seconds)$/.test(row.name))?.label,
        name,
      ).toBe(label);
  });

  it('has rules for metrics that exist, with labels that exist', async () => {
    const names = (await registry.getMetricsAsJSON()).map(({ name }) => name);
    const asked = [...page.matchAll(/statesocket_\w+/g)].map(([name]) => name.replace(/_bucket$/, ''));
    expect([...new Set(asked)].filter((name) => !names.includes(name))).toEqual([]);
    const { values = [] } = GATEWAY_FACTS['dial.refused'].label ?? {};
    for (const [, reasons = ''] of page.matchAll(/reason!~"([^"]+)"/g))
      for (const reason of reasons.split('|')) expect(values).toContain(reason);
  });

  it('says how many series there are', async () => {
    const count = (await registry.metrics()).split('\n').filter((line) => /^[a-z]/.test(line)).length;
    expect(Math.abs(count - Number(/some (\d+) of them/.exec(page)?.[1]))).toBeLessThan(30);
  });

  it('drains as fast as its example says, where nothing else is said', () => {
    expect(page).toContain(`dialsPerSecond: ${settleDrain().dialsPerSecond}`);
  });
});
