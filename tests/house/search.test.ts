import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CONNECT_BUDGET_COUNT, DEFAULT_SETTINGS } from 'statesocket/machines';
import { describe, expect, it } from 'vitest';
import { actorMutants } from '../simulation/mutants/actor-mutants.ts';
import { chartMutants } from '../simulation/mutants/chart-mutants.ts';
import { edgeMutants } from '../simulation/mutants/edge-mutants.ts';
import recorded from '../simulation/recorded-search.json' with { type: 'json' };
import { REAL } from '../simulation/search.ts';

const text = readFileSync(
  fileURLToPath(new URL('../../docs/statecharts/search.md', import.meta.url)),
  'utf8',
).replaceAll('\r', '');
const flat = text.replace(/\s+/g, ' ');
const english = (count: number): string => count.toLocaleString('en-US');

describe('docs/statecharts/search.md', () => {
  it('says the counts that were recorded', () => {
    const { full, unreduced } = recorded;
    expect(flat).toContain(`**${english(full.stateCount)} states, ${english(full.stepCount)} steps**`);
    expect(flat).toContain(`${english(full.forgedCount)} of them with events that nobody may send`);
    expect(flat).toContain(`${full.depth} moves to the farthest`);
    expect(flat).toContain(`goes through ${english(unreduced.stateCount)} states`);
    // Both are of one chart.
    expect(unreduced.reducedCount).toBe(full.stateCount);
  });

  it('says the counts of the outbox chart', () => {
    const { stateCount, stepCount, depth } = recorded.outbox;
    expect(flat).toContain(`**${stateCount} states, ${stepCount} steps**, ${depth} moves to the farthest`);
  });

  it('says the constants that users get, and the full search has them', () => {
    expect(REAL).toEqual({
      maxRetries: DEFAULT_SETTINGS.maxRetries,
      budgetCount: CONNECT_BUDGET_COUNT,
      stableAfterMs: DEFAULT_SETTINGS.stableAfterMs,
      spreadMs: DEFAULT_SETTINGS.backoff.spreadMs,
    });
    expect(flat).toContain(`${REAL.maxRetries} retries, a connect budget of ${REAL.budgetCount}`);
  });

  it('says which soak of random commands was recorded', () => {
    const { runs, seed, commit } = recorded.soak;
    expect(runs).toBeGreaterThanOrEqual(100_000);
    expect(flat).toContain(`${english(runs)} runs from seed ${seed} at commit \`${commit}\``);
  });

  it('lists every mutant, with its fault and what finds it', () => {
    const rows = text.split('\n').filter((line) => /^\| `(?:machines|src)\//.test(line));
    const rowOf = (file: string, name: string, fault: string, foundBy: string): string =>
      `| \`${file}\` | ${name} | ${fault} | ${foundBy} |`;
    expect(rows).toEqual([
      ...chartMutants.map(({ file, name, fault, rule, moveCount }) =>
        rowOf(file, name, fault, `${rule}, ${moveCount} ${moveCount === 1 ? 'move' : 'moves'}`),
      ),
      ...[...actorMutants, ...edgeMutants].map(({ file, name, fault, rule, story }) =>
        rowOf(file, name, fault, `${rule}: ${story}`),
      ),
    ]);
  });

  it('lists every rule that a mutant of the chart breaks', () => {
    const rules = new Set(chartMutants.map(({ rule }) => rule));
    expect([...rules].filter((rule) => !text.includes(`\n| ${rule} | `))).toEqual([]);
  });
});
