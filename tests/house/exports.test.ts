import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import tsdownConfig from '../../tsdown.config.ts';
import vitestConfig from '../../vitest.config.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Subpath {
  readonly name: string;
  readonly types: string;
  readonly code: string;
}

const subpaths: Subpath[] = Object.entries(packageJson.exports).flatMap(([path, target]) =>
  typeof target === 'string'
    ? []
    : [{ name: join('statesocket', path), types: target.types, code: target.default }],
);
const names = subpaths.map(({ name }) => name);

/** The source of each subpath, as tsdown is told. */
const entries = (tsdownConfig as { entry: Record<string, string> }).entry;
const sourceOf = (name: string): string | undefined =>
  entries[name === 'statesocket' ? 'index' : name.slice('statesocket/'.length)];

/** What tsdown builds beside the subpaths: what Node, or a page in production, takes instead of one, and parts that begin with 'use client'. */
const isPart = (entry: string): boolean => /^client\/|\.(?:node|browser)$/.test(entry);

describe('the subpaths of the package', () => {
  it('are what tsdown builds, under the names it gives the files', () => {
    const built = Object.keys(entries)
      .filter((entry) => !isPart(entry))
      .map((entry) => ({
        name: entry === 'index' ? 'statesocket' : `statesocket/${entry}`,
        types: `./dist/${entry}.d.ts`,
        code: `./dist/${entry}.js`,
      }));
    expect(subpaths).toEqual(built);
  });

  it('lead every bundler to one file, and Node, or a page in production, to another only where it is built', () => {
    for (const [path, target] of Object.entries(packageJson.exports)) {
      if (typeof target === 'string') continue;
      const { types: _types, ...conditions } = target;
      const entry = path === '.' ? 'index' : path.slice(2);
      const isSplit = `${entry}.node` in entries;
      const code = `./dist/${entry}.js`;
      const split = { module: code, node: `./dist/${entry}.node.js`, default: code };
      const lean = { browser: { production: `./dist/${entry}.browser.js`, default: code }, default: code };
      const isLean = `${entry}.browser` in entries;
      // The first that fits is taken: bundlers for Node have both conditions, and must see what is imported.
      const told = isSplit ? split : isLean ? lean : { default: code };
      expect(Object.entries(conditions)).toEqual(Object.entries(told));
    }
  });

  it('leave to the browser what holds a hook or a component, and nothing else, in files that begin with use client', () => {
    const beginning = /^["']use client["'];/;
    const isClient = (file: string): boolean =>
      beginning.test(readFileSync(join(root, 'dist', file), 'utf8'));
    for (const file of [
      'react.js',
      'toast.js',
      'client/use-redux-bridge.js',
      'client/connection-inspector.js',
    ])
      expect([file, isClient(file)]).toEqual([file, true]);
    const parts = readdirSync(join(root, 'dist')).filter((name) =>
      /^connection-inspector-.*\.js$/.test(name),
    );
    expect(parts.map(isClient)).toEqual([true]);
    // A server may make a store, a slice or a recorder.
    for (const file of [
      'index.js',
      'index.browser.js',
      'redux.js',
      'redux.node.js',
      'inspect.js',
      'stately.js',
      'sentry.js',
      'testing.js',
    ])
      expect([file, isClient(file)]).toEqual([file, false]);
  });

  it('are what TypeScript resolves in this repository', () => {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
    expect(config.compilerOptions.paths).toEqual(
      Object.fromEntries(names.map((name) => [name, [`./${sourceOf(name)}`]])),
    );
  });

  it('are what the tests resolve', () => {
    const alias = vitestConfig.resolve?.alias;
    if (!Array.isArray(alias)) throw new Error('vitest.config.ts has its aliases in a list');
    for (const name of names) {
      const [rule] = alias.filter(({ find }) => new RegExp(find).test(name));
      if (rule === undefined) throw new Error(`vitest.config.ts has no alias for ${name}`);
      expect(name.replace(rule.find, rule.replacement)).toBe(join(root, sourceOf(name) ?? 'nothing'));
    }
  });

  it('are the rows of the table of entry points in the README', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const rows = [...readme.matchAll(/^\| `(statesocket[a-z/]*)` \|/gm)].map(([, name]) => name);
    expect(rows).toEqual(names);
  });
});

/** Kept on the global object by a peer, so that several copies of it share one React context. */
const OF_PEERS = ['Symbol(react-redux-context)'];

/**
 * Run by a Node process of its own, as on a server: there is no window, no document and no WebSocket, and a timer or
 * socket left behind would keep the process from ending. Node defines some globals when they are first read: they are
 * read before the import, so that only what the import does is seen.
 */
const PROBE = `
for (const name of ['WebSocket', 'window', 'document', 'localStorage', 'navigator']) delete globalThis[name];
const look = () => new Map(Reflect.ownKeys(globalThis).map((key) => [key, globalThis[key]]));
look();
const before = look();
const found = Object.keys(await import(process.argv[1]));
const after = look();
const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
  (key) => before.has(key) !== after.has(key) || !Object.is(before.get(key), after.get(key)),
);
console.log(JSON.stringify({ found, changed: changed.map(String) }));
`;

describe('importing the built package on a server', () => {
  it.each(subpaths)('$name works and changes no global', ({ name, types, code }) => {
    for (const file of [types, code]) {
      if (!existsSync(join(root, file))) throw new Error(`${file} is missing: run npm run build first.`);
    }
    const answer = execFileSync(
      process.execPath,
      ['--no-warnings', '--input-type=module', '--eval', PROBE, name],
      {
        cwd: root,
        encoding: 'utf8',
        timeout: 20_000,
        env: { PATH: process.env.PATH, NODE_ENV: 'production' },
      },
    );
    const { found, changed } = JSON.parse(answer);
    expect(found).not.toEqual([]);
    expect(changed.filter((name: string) => !OF_PEERS.includes(name))).toEqual([]);
  });
});
