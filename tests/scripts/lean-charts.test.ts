import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { leanChartIn } from '../../scripts/lean-charts.mjs';

it.each(['connection', 'delivery'])('the chart of %s loses its descriptions and nothing else', (name) => {
  const source = readFileSync(new URL(`../../machines/${name}.machine.ts`, import.meta.url), 'utf8');
  const lean = leanChartIn(source);
  expect(source).toContain('description:');
  expect(lean).not.toContain('description:');
  const wordsOf = (code: string) => code.match(/\b(target|guard|actions|entry|after|always|tags|on|id): ?/g);
  const withoutWords = source.replace(/description:\s*'[^\n]*'/g, '').replace(/description:\s*"[^\n]*"/g, '');
  expect(wordsOf(lean)).toEqual(wordsOf(withoutWords));
});
