import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const flat = (text: string): string => text.replace(/\s+/g, ' ').trim();
const bare = (text: string): string => flat(text.replaceAll('`', ''));

interface Option {
  readonly name: string;
  readonly type: string;
  readonly default: string;
}

/** What a comment says after `@default`; without one, whether the option must be given. */
const defaultOf = (member: ts.PropertySignature): string => {
  const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'default');
  if (tag !== undefined) return bare(ts.getTextOfJSDocComment(tag.comment) ?? '');
  return member.questionToken === undefined ? 'required' : 'none';
};

/** The members of a type, and those of the objects that are written out in it: `heartbeat.intervalMs`. */
const optionsIn = (members: readonly ts.TypeElement[], prefix = ''): readonly Option[] =>
  members.filter(ts.isPropertySignature).flatMap((member) => {
    const name = `${prefix}${member.name.getText()}`;
    if (member.type === undefined) return [];
    const parts: readonly ts.TypeNode[] = ts.isUnionTypeNode(member.type) ? member.type.types : [];
    const written = parts.filter(ts.isTypeLiteralNode);
    const type = flat(member.type.getText()).replaceAll('readonly ', '').replace(/^\| /, '');
    return [
      { name, type, default: defaultOf(member) },
      ...written.flatMap((literal) => optionsIn([...literal.members], `${name}.`)),
    ];
  });

/** The options that a function of this name takes as an object literal type, or the interface of this name has. */
const optionsOf = (path: string, name: string): readonly Option[] => {
  const source = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true);
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement) && statement.name.text === name)
      return optionsIn([...statement.members]);
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name: declared, initializer } of statement.declarationList.declarations) {
      if (declared.getText() !== name || initializer === undefined || !ts.isArrowFunction(initializer))
        continue;
      const type = initializer.parameters[0]?.type;
      if (type !== undefined && ts.isTypeLiteralNode(type)) return optionsIn([...type.members]);
    }
  }
  throw new Error(`${path} has no ${name}`);
};

/** The sections of the page, and where the code has what they list. */
const SECTIONS: Readonly<Record<string, readonly (readonly [path: string, name: string])[]>> = {
  createConnection: [['src/client/connection-options.ts', 'ConnectionOptions']],
  flightRecorder: [['src/recording/recording-options.ts', 'RecordingSettings']],
  exponentialBackoff: [['src/lib/backoff.ts', 'exponentialBackoff']],
  linearBackoff: [['src/lib/backoff.ts', 'linearBackoff']],
  durableDelivery: [['src/delivery/delivery-settings.ts', 'DeliverySettings']],
  createGateway: [['src/gateway/gateway-options.ts', 'GatewayOptions']],
  memoryEngine: [['src/gateway/engine/retention.ts', 'EngineOptions']],
  sqliteEngine: [['src/gateway/engine/sqlite-engine.ts', 'SqliteEngineOptions']],
  postgresEngine: [['src/gateway/postgres/options.ts', 'PostgresEngineOptions']],
  redisEngine: [['src/gateway/redis/options.ts', 'RedisEngineOptions']],
  retention: [['src/gateway/engine/retention.ts', 'Retention']],
  prometheusObserver: [['src/gateway/metrics/prometheus-observer.ts', 'PrometheusObserverOptions']],
  openTelemetryObserver: [['src/gateway/tracing/open-telemetry-observer.ts', 'OpenTelemetryObserverOptions']],
};

const page = read('docs/options.md');

/** The rows under the heading of a section. */
const rowsUnder = (section: string) => {
  const [, text = ''] = page.split(`\n## ${section}\n`);
  return (text.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|')))
    .map(([, name = '', type = '', by = '', unit = '', does = '', wrong = '']) => ({
      option: { name: bare(name), type: bare(type), default: bare(by) },
      unit,
      does,
      wrong,
    }));
};

describe('the page of options', () => {
  it('has a section for each function, and no other', () => {
    const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(Object.keys(SECTIONS));
  });

  it.each(Object.entries(SECTIONS))(
    '%s: has every option with its type and its default',
    (section, places) => {
      const options = places.flatMap(([path, name]) => optionsOf(path, name));
      expect(options).not.toEqual([]);
      expect(rowsUnder(section).map(({ option }) => option)).toEqual(options);
    },
  );

  it('says of each option its unit, what it does in one sentence, and what happens when it is wrong', () => {
    for (const section of Object.keys(SECTIONS)) {
      for (const { option, unit, does, wrong } of rowsUnder(section)) {
        expect([option.name, unit]).not.toContain('');
        expect([option.name, /^[A-Z`].*\.$/.test(does)]).toEqual([option.name, true]);
        expect([option.name, wrong]).not.toContain('');
      }
    }
  });

  it('names errors that exist', () => {
    const known = read('docs/errors.md');
    const named = [...page.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, code = '']) => code);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((code) => !known.includes(`| \`${code}\``))).toEqual([]);
  });
});
