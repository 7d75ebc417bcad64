import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Snippet {
  /** Where it stands: `README.md:12`. */
  readonly place: string;
  readonly file: string;
  readonly code: string;
}

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
];

const snippetsOf = (path: string): Snippet[] => {
  const text = read(path);
  return [...text.matchAll(/^```(tsx?)\n([\s\S]*?)^```/gm)].map(({ 1: language, 2: code = '', index }) => {
    const line = text.slice(0, index).split('\n').length;
    const name = `${path.replace(/\W/g, '-')}-${line}.${language}`;
    return { place: `${path}:${line}`, file: join(root, 'tests', 'snippets', name), code };
  });
};

const snippets = documents.flatMap(snippetsOf);

/** Checks all snippets in one program, each a module of its own in a folder that is not there. */
const errorsIn = (checked: readonly Snippet[]): string[] => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const byFile = new Map(checked.map((snippet) => [snippet.file, snippet]));
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (name) => byFile.get(name)?.code ?? readFile.call(host, name);
  host.fileExists = (name) => byFile.has(name) || fileExists.call(host, name);
  host.getSourceFile = (name, target, ...rest) => {
    const snippet = byFile.get(name);
    if (snippet !== undefined) return ts.createSourceFile(name, snippet.code, target);
    return getSourceFile.call(host, name, target, ...rest);
  };
  const program = ts.createProgram([...byFile.keys()], options, host);
  return checked.flatMap(({ place, file, code }) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map(({ start = 0, messageText }) => {
      const line = code.slice(0, start).split('\n').length;
      return `${place}, line ${line} of it: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    }),
  );
};

describe('the snippets of the documents', () => {
  it('type-check under the names that users import, and a wrong one would not', () => {
    const wrong: Snippet = {
      place: 'nowhere',
      file: join(root, 'tests', 'snippets', 'wrong.ts'),
      code: "import { createConnection } from 'statesocket';\ncreateConnection({ uri: 'wss://example.org' });\n",
    };
    const errors = errorsIn([...snippets, wrong]);
    expect(errors.filter((error) => !error.startsWith('nowhere'))).toEqual([]);
    expect(errors).toHaveLength(1);
  }, 300_000);

  it('are there: the README begins without a token, shows each adapter in few lines, and then a server, a client and a page', () => {
    const inReadme = snippets.filter(({ place }) => place.startsWith('README.md')).map(({ code }) => code);
    const shown = [
      'createConnection({ url:',
      'getToken:',
      '<ConnectionProvider',
      'useMessage(',
      'useReduxBridge(',
      'useToastBridge(',
      'reportToSentry(',
      '<ConnectionInspector',
      'createScenario(',
      'createGateway({',
      'process.argv',
      'onDiscontinuity(async',
      'createRoot(',
    ];
    expect(inReadme).toHaveLength(shown.length);
    for (const [index, text] of shown.entries()) expect(inReadme[index]).toContain(text);
    expect(inReadme[0]).not.toMatch(/token/i);
    const linesOf = (code = ''): string[] =>
      code.split('\n').filter((line) => !/^(?:import .*)?$/.test(line));
    for (const code of [inReadme[0], ...inReadme.slice(2, 9)]) expect(linesOf(code).length).toBeLessThan(9);
  });

  it('show five options in the second one', () => {
    const [, code = ''] = snippets
      .filter(({ place }) => place.startsWith('README.md'))
      .map((snippet) => snippet.code);
    expect(code.trimEnd().split('\n').length).toBe(16);
    expect([...code.matchAll(/^ {2}(\w+):/gm)].map(([, option]) => option)).toEqual([
      'url',
      'getToken',
      'messages',
      'ack',
      'backoff',
    ]);
  });

  it('that are recipes are the files that vitest runs', () => {
    const recipes = readdirSync(join(root, 'docs/recipes')).map((path) => path.replace(/\.md$/, ''));
    const files = readdirSync(join(root, 'tests/recipes'));
    expect(recipes).not.toEqual([]);
    for (const recipe of recipes) {
      const blocks = snippetsOf(`docs/recipes/${recipe}.md`).map(({ code }) => code);
      const run = files.filter((file) => file.startsWith(`${recipe}.`));
      expect(run).not.toEqual([]);
      for (const file of run) expect(blocks).toContain(read(`tests/recipes/${file}`));
    }
  });
});
