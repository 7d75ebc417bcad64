import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('../..', import.meta.url));

/** An app that imports every entry point as it was built. */
const imports = Object.keys(packageJson.exports)
  .filter((path) => !path.endsWith('.json'))
  .map((path, n) => `export * as entry${n} from '${join('statesocket', path)}';`)
  .join('\n');

const USES = `
import { createConnection, type Connection, type WireMessage } from 'statesocket';
import { connectionMachine } from 'statesocket/machines';
declare const connection: Connection;
connection.sendBinary(new ArrayBuffer(8));
connection.sendBinary(new Uint8Array(8));
connection.sendBinary(new DataView(new ArrayBuffer(8)));
// @ts-expect-error text is no bytes
connection.sendBinary('text');
createConnection({ url: 'wss://example.org', WebSocket });
connection.on('NEW_MESSAGE', (message: WireMessage) => message.type);
connection.actor.getSnapshot().children.socket?.send({ type: 'probe', withinMs: 1 });
connectionMachine.provide({ guards: { isOffline: () => true } });
`;

/** What TypeScript says of the declarations, the libraries' own included. */
const errors = (): string[] => {
  const file = join(root, 'tests', 'types', 'app.ts');
  const options = {
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  const source = `${imports}\n${USES}`;
  host.readFile = (name) => (name === file ? source : readFile.call(host, name));
  host.fileExists = (name) => name === file || fileExists.call(host, name);
  host.getSourceFile = (name, target, ...rest) =>
    name === file
      ? ts.createSourceFile(name, source, target)
      : getSourceFile.call(host, name, target, ...rest);
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file: where, code, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, ' ').slice(0, 200);
    return `${where?.fileName.slice(root.length) ?? ''}: TS${code} ${text}`;
  });
};

/** Types of the platform that take an argument only since TypeScript 5.7. */
const GENERIC_BYTES = /\b(?:ArrayBufferView|DataView|\w*Int\w*Array|Float\d+Array)</;

describe('the built declarations', () => {
  it('pass with skipLibCheck: false', () => expect(errors()).toEqual([]), 120_000);

  // `npm run check:types` runs the older versions themselves, on the packed package.
  it('say nothing that the oldest TypeScript of the README does not understand', () => {
    const dist = join(root, 'dist');
    const declarations = readdirSync(dist).filter((name) => name.endsWith('.d.ts'));
    expect(declarations.length).toBeGreaterThan(10);
    const newer = declarations.filter((name) => GENERIC_BYTES.test(readFileSync(join(dist, name), 'utf8')));
    expect(newer).toEqual([]);
  });
});
