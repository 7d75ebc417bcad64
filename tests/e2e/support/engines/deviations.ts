import { readFileSync } from 'node:fs';
import type { EngineName } from './engine.ts';

/** What a page may be shown of the end of a socket: `1006 cut`, `1000 clean`, `none`. More than one where an engine's own race decides. */
export type Shown = readonly string[];

const COLUMNS: readonly EngineName[] = ['chromium', 'firefox', 'webkit'];

/** The table of docs/engines.md: what each engine shows of an end where not all show what was sent. */
export const readDeviations = (): ReadonlyMap<string, Readonly<Record<EngineName, Shown>>> => {
  const rows = readFileSync('docs/engines.md', 'utf8')
    .split('\n')
    .filter((line) => /^\| `.*` \|/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));
  const shownBy = (cells: readonly string[], name: EngineName): Shown =>
    (cells[COLUMNS.indexOf(name)] ?? '').split(' or ');
  return new Map(
    rows.map(([, ending = '', ...cells]) => [
      ending,
      {
        chromium: shownBy(cells, 'chromium'),
        firefox: shownBy(cells, 'firefox'),
        webkit: shownBy(cells, 'webkit'),
      },
    ]),
  );
};
