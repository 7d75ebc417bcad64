import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** Parsed once for all programs: most are the platform's and never change. */
const sourceFiles = new Map<string, ts.SourceFile | undefined>();

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * Type-checks a program of its own, made of one virtual file, with the project's settings. Module augmentations in it
 * reach no other file. Answers the errors as text; `@ts-expect-error` in the source says where one must be.
 */
export const typeErrorsOf = (source: string): string[] => {
  const file = join(root, 'tests', 'types', 'virtual.tsx');
  const read = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const readFile = host.readFile.bind(host);
  const fileExists = host.fileExists.bind(host);
  const getSourceFile = host.getSourceFile.bind(host);
  host.readFile = (name) => (name === file ? source : readFile(name));
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, target, ...rest) => {
    if (name === file) return ts.createSourceFile(name, source, target);
    if (!sourceFiles.has(name)) sourceFiles.set(name, getSourceFile(name, target, ...rest));
    return sourceFiles.get(name);
  };
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map(({ start = 0, messageText }) => {
    const line = source.slice(0, start).split('\n').length;
    return `line ${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
};
