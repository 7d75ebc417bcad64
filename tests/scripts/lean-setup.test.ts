import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { leanSetupIn } from '../../scripts/lean-setup.mjs';

const sourceOf = (name: string) =>
  readFileSync(new URL(`../../machines/${name}.setup.ts`, import.meta.url), 'utf8');

it.each(['connection', 'delivery'])(
  'the vocabulary of %s makes its machine without the rest of setup()',
  (name) => {
    const source = sourceOf(name);
    const lean = leanSetupIn(source);
    expect(source).toMatch(/\bsetup\b[^}]*\} from 'xstate';/);
    expect(lean).not.toMatch(/\bsetup\b[^}]*\} from 'xstate';/);
    expect(lean.split('\n').length).toBe(source.split('\n').length);
    expect(lean).toContain('createMachine(config, { actors, actions, guards, delays })');
    // Of what setup() returns a chart uses createMachine and nothing else.
    const chart = readFileSync(new URL(`../../machines/${name}.machine.ts`, import.meta.url), 'utf8');
    expect(chart.match(new RegExp(`${name}Setup\\.\\w+`, 'g'))).toEqual([`${name}Setup.createMachine`]);
  },
);

it('a file without setup() stays as it is', () => {
  const source = "import { assign } from 'xstate';\nexport const setup = 1;\n";
  expect(leanSetupIn(source)).toBe(source);
});
