import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const INTERNALS = 'machines/xstate-internals.ts';

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|tsx|mjs)$/.test(path) && !/(^|\/)(node_modules|dist)\//.test(path))
    .map((path) => join(folder, path));

const source = (path: string): string => readFileSync(join(root, path), 'utf8');

const DECLARATIONS = 'node_modules/xstate/dist/declarations/src';

/** Members that XState has for itself: those with an underscore, and what only its own code is meant to call or to replace. */
const PRIVATE_NAMES = new Set([
  ...readdirSync(join(root, DECLARATIONS), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.d.ts'))
    .flatMap((path) => source(join(DECLARATIONS, path)).match(/\b_[a-z]\w+(?=\??[:(;])/g) ?? []),
  'getInitialSnapshot',
  'actionExecutor',
  'scheduler',
  'AnyActorScope',
  'ActorScope',
]);

/** What a text takes of XState that is not for its users. */
const takenBy = (path: string, text: string): string[] => {
  const taken: string[] = [];
  const visit = (node: ts.Node): void => {
    // `_nodes`, `_transitions`, `_snapshot`: read, taken apart, or named in a type.
    if (ts.isIdentifier(node) && PRIVATE_NAMES.has(node.text)) taken.push(node.text);
    if (ts.isStringLiteral(node) && /^xstate\.\w/.test(node.text)) taken.push(node.text);
    const isReplaced =
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      ts.isPropertyAccessExpression(node.left) &&
      ['transition', 'start', 'getSnapshot', 'schedule'].includes(node.left.name.text);
    if (isReplaced) taken.push(node.left.getText());
    const isCalled =
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      ['transition', 'resolveState'].includes(node.expression.name.text);
    if (isCalled) taken.push(node.expression.getText());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return taken;
};

const looksAtXState = (text: string): boolean =>
  /from 'xstate|xstate\.|xstate-internals|Machine\b/.test(text);

describe('what XState keeps to itself', () => {
  it.each([
    'snapshot._nodes',
    "import 'xstate'; const { _transitions } = event;",
    "type === 'xstate.after.retryDelay'",
    'machine.transition = other;',
    'machine.getInitialSnapshot(scope)',
    'system.scheduler.schedule(a, b)',
  ])('is found in `%s`', (text) => {
    expect(takenBy('some.ts', text)).not.toEqual([]);
  });

  it(`is used in ${INTERNALS} and in no other file`, () => {
    const files = ['src', 'machines', 'scripts', 'benchmarks', 'app/web', 'app/server', 'tests'].flatMap(
      filesIn,
    );
    // A test may say which event it expects to see; it may not reach for a member.
    const others = files.filter((path) => path !== INTERNALS && path !== 'tests/house/xstate.test.ts');
    expect(others.length).toBeGreaterThan(400);
    const taken = others.flatMap((path) => {
      const text = source(path);
      if (!looksAtXState(text)) return [];
      const names = takenBy(path, text).filter(
        (name) => !(path.startsWith('tests/') && name.startsWith('xstate.')),
      );
      return names.map((name) => `${path}: ${name}`);
    });
    expect(taken).toEqual([]);
  });

  it('was checked against the version of XState that is installed', () => {
    const { version } = JSON.parse(source('node_modules/xstate/package.json'));
    expect(source(INTERNALS)).toContain(`XState ${version}`);
  });
});
