/**
 * `node scripts/count-lets.mjs [folder …]`: counts the `let`s that closures capture, and the booleans among them: state that no
 * chart knows of. Of src, or of the folders that are named. `--list` names each.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: { list: { type: 'boolean', default: false } },
});

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => join(folder, path));

const holderOf = (node, isHolder) => {
  for (let at = node.parent; ; at = at.parent) if (isHolder(at)) return at;
};
const isFunction = (node) => ts.isFunctionLike(node) || ts.isSourceFile(node);
const isScope = (node) => isFunction(node) || ts.isBlock(node) || ts.isModuleBlock(node);

/** Whether a name is read or written in a function within the one that declares it. */
const isCaptured = (declaration) => {
  const own = holderOf(declaration, isFunction);
  const name = declaration.name.text;
  let found = false;
  const look = (node) => {
    if (ts.isIdentifier(node) && node.text === name && holderOf(node, isFunction) !== own) found = true;
    else ts.forEachChild(node, look);
  };
  look(holderOf(declaration, isScope));
  return found;
};

const isBoolean = ({ initializer, type }) =>
  type?.kind === ts.SyntaxKind.BooleanKeyword ||
  initializer?.kind === ts.SyntaxKind.TrueKeyword ||
  initializer?.kind === ts.SyntaxKind.FalseKeyword ||
  (initializer !== undefined && ts.isPrefixUnaryExpression(initializer));

export const capturedLetsIn = (path, text) => {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const lets = [];
  const visit = (node) => {
    if (
      ts.isVariableDeclaration(node) &&
      ts.isIdentifier(node.name) &&
      (node.parent.flags & ts.NodeFlags.Let) !== 0 &&
      isCaptured(node)
    )
      lets.push({ path, name: node.name.text, isBoolean: isBoolean(node) });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return lets;
};

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const files = (positionals.length === 0 ? ['src'] : positionals).flatMap(filesIn);
  const lets = files.flatMap((path) => capturedLetsIn(path, readFileSync(path, 'utf8')));
  if (args.list) for (const { path, name } of lets) console.log(`${path}: ${name}`);
  const booleanCount = lets.filter((each) => each.isBoolean).length;
  const fileCount = new Set(lets.map(({ path }) => path)).size;
  console.log(
    `${lets.length} captured lets in ${fileCount} of ${files.length} files; ${booleanCount} of them are booleans.`,
  );
}
