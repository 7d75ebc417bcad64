import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const map = read('docs/architecture.md');

const walks = map
  .split(/^## /m)
  .filter((section) => section.startsWith('Walk '))
  .map((section) => ({ title: section.slice(0, section.indexOf('\n')), text: section }));

describe('the newcomer’s map', () => {
  it('has four walks', () => {
    expect(walks.map(({ title }) => title)).toEqual([
      'Walk 1: a frame to the screen',
      'Walk 2: a send to the wire',
      'Walk 3: a close to the redial',
      'Walk 4: a durable command to another user’s screen'.replace('’', "'"),
    ]);
  });

  it.each(walks)('$title: each file exists, and holds what is named beside it', ({ text }) => {
    const stops = [...text.matchAll(/`((?:src|machines)\/[\w./-]+\.ts)`\s+`(\w+)`/g)];
    const files = [...text.matchAll(/`((?:src|machines)\/[\w./-]+)`/g)];
    // None without a name: a file alone says little.
    expect(stops.length).toBe(files.length);
    expect(stops.length).toBeGreaterThan(4);
    const missing = stops.filter(([, file = '', name = '']) => {
      if (!existsSync(join(root, file))) return true;
      return !new RegExp(`\\b${name}\\b`).test(read(file));
    });
    expect(missing.map(([stop]) => stop)).toEqual([]);
  });

  it('has every folder of the package in its tree', () => {
    const tree = map.slice(map.indexOf('```text'), map.indexOf('## The lanes'));
    const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, unknown> };
    for (const path of Object.keys(exports)) {
      if (path === './package.json') continue;
      expect(tree).toMatch(new RegExp(`statesocket${path.slice(1)}$`, 'm'));
    }
  });
});
