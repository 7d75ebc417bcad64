import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const NOT_OURS = new Set(['node_modules', 'dist', '.git', 'data', 'reports', '.stryker-tmp']);

const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });

const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const lineCountOf = (path: string): number => text(path).trimEnd().split('\n').length;
const isCode = (path: string): boolean => /\.(ts|tsx|mjs|cjs)$/.test(path);

const sources = ['src', 'machines', 'app', 'scripts'].flatMap(filesBelow).filter(isCode);

/** A file has so many lines at most, and a function. */
const MAX_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 150;
/** What is still longer, and how long at most: a list that only gets shorter. */
const LONGER_FILES: Readonly<Record<string, number>> = {};
const LONGER_FUNCTIONS: Readonly<Record<string, number>> = {
  'src/client/wire-connection.ts wireConnection': 165,
  'src/gateway/postgres/groups.ts createGroups': 159,
  'src/gateway/presence.ts createPresence': 159,
};

/** The functions of a file that are no part of another function, each with its number of lines. */
const functionsIn = (path: string, written: string): readonly { name: string; count: number }[] => {
  const source = ts.createSourceFile(path, written, ts.ScriptTarget.Latest, true);
  const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  const found: { name: string; count: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (!ts.isFunctionLike(node)) {
      ts.forEachChild(node, visit);
      return;
    }
    const named = ts.isVariableDeclaration(node.parent) ? node.parent.name : node.name;
    const count = lineAt(node.end) - lineAt(node.getStart()) + 1;
    found.push({ name: `${path} ${named?.getText() ?? 'a function'}`, count });
  };
  visit(source);
  return found;
};

describe('the source files', () => {
  it('have a median under 120 lines and none over 300', () => {
    const counts = sources.map((path) => ({ path, count: lineCountOf(path) }));
    const sorted = counts.map(({ count }) => count).sort((a, b) => a - b);
    expect(sorted.length).toBeGreaterThan(100);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(120);
    expect(counts.filter(({ path, count }) => count > (LONGER_FILES[path] ?? MAX_FILE_LINES))).toEqual([]);
  });

  it('have no function over 150 lines', () => {
    const functions = sources.flatMap((path) => functionsIn(path, text(path)));
    expect(functions.length).toBeGreaterThan(1_000);
    expect(
      functions.filter(({ name, count }) => count > (LONGER_FUNCTIONS[name] ?? MAX_FUNCTION_LINES)),
    ).toEqual([]);
    const long = `const long = () => {\n${'  call();\n'.repeat(MAX_FUNCTION_LINES)}};`;
    expect(functionsIn('long.ts', long)).toEqual([{ name: 'long.ts long', count: MAX_FUNCTION_LINES + 2 }]);
  });

  it('are named after their concept', () => {
    const vague = /^(types?|utils?|helpers?|common|misc|shared)\.(ts|tsx|mjs|cjs)$/;
    expect([...sources, ...filesBelow('tests')].filter((path) => vague.test(basename(path)))).toEqual([]);
  });

  it('of the package are in kebab-case', () => {
    const kebab = /^[a-z0-9]+([-.][a-z0-9]+)*$/;
    const odd = ['src', 'machines', 'scripts']
      .flatMap(filesBelow)
      .filter((path) => !kebab.test(basename(path)));
    expect(odd).toEqual([]);
  });

  it('name no package registry and no path of a machine', () => {
    const host = /\bregistry\.[\w-]+\.\w+|\/(?:home|Users|root|work)\/\w+/;
    const written = filesBelow('.').filter((path) => !/\.(png|ico|woff2?|db|jpe?g|webp)$/.test(path));
    expect(written.length).toBeGreaterThan(200);
    expect(written.filter((path) => host.test(text(path)))).toEqual([]);
  });
});

describe('what the package exports', () => {
  it('has a docstring', () => {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
    const entryPoints = Object.values<string[]>(config.compilerOptions.paths).flat();
    const program = ts.createProgram(
      entryPoints.map((path) => join(root, path)),
      options,
    );
    const checker = program.getTypeChecker();
    const undocumented: string[] = [];
    let count = 0;
    for (const path of entryPoints) {
      const file = program.getSourceFile(join(root, path));
      const module = file && checker.getSymbolAtLocation(file);
      if (file === undefined || module === undefined) throw new Error(`${path} exports nothing`);
      if (!file.text.includes('@module statesocket')) undocumented.push(`${path}: no @module header`);
      for (const exported of checker.getExportsOfModule(module)) {
        const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
        const symbol = isAlias ? checker.getAliasedSymbol(exported) : exported;
        count += 1;
        if (symbol.getDocumentationComment(checker).length > 0) continue;
        const where = symbol.declarations?.[0]?.getSourceFile().fileName ?? path;
        undocumented.push(`${relative(root, where)}: ${exported.name}`);
      }
    }
    expect(count).toBeGreaterThan(80);
    expect(undocumented).toEqual([]);
  }, 300_000);
});

describe('the invariants that a machine promises', () => {
  const machineFiles = filesBelow('machines').filter((path) => path.endsWith('.machine.ts'));
  const tests = filesBelow('tests').filter((path) => /\.(test|contract)\.tsx?$/.test(path));
  /** `it('I8 lets 10 sockets …')`, also over several lines and with the id at the end. */
  const titles = tests.flatMap((path) =>
    [...text(path).matchAll(/\b(?:it|test|describe)(?:\.each\([^;]*?\))?\(\s*(['"`])(.*?)\1/gs)].map(
      ([, , title]) => title ?? '',
    ),
  );

  it.each(machineFiles)('in %s are each in the name of a test', (path) => {
    const header = /^(?:\/\*\*)[\s\S]*?\*\//.exec(text(path))?.[0] ?? '';
    const promised = [...header.matchAll(/^ \* - (I\d+) /gm)].map(([, id]) => id ?? '');
    expect(promised.length).toBeGreaterThan(3);
    const named = new Set(titles.flatMap((title) => title.match(/\bI\d+\b/g) ?? []));
    expect(promised.filter((id) => !named.has(id))).toEqual([]);
  });
});
