import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { StatesocketError } from '../../protocol/errors.ts';
import type { Decided, Decision, Publication } from './decisions.ts';
import { createDoorbells } from './doorbells.ts';
import type { Engine } from './engine.ts';
import { createLocalNodes } from './local-nodes.ts';
import { manyForms } from './many-forms.ts';
import { randomSuffix } from './position.ts';
import { checkEngineNames, type EngineOptions, retain } from './retention.ts';
import { type SqliteThread, startSqliteThread } from './sqlite-thread.ts';
import type { DecidedRow, DecisionRow, ThreadData } from './thread/calls.ts';

const rowOf = ({ n, key, verdict, publications }: Decision): DecisionRow => ({
  n,
  key,
  rejected: verdict === 'done' ? null : verdict.rejected,
  publications: publications.length === 0 ? null : JSON.stringify(publications),
});
const decisionOf = ({ n, key, rejected, publications }: DecisionRow): Decision => ({
  n,
  key,
  verdict: rejected === null ? 'done' : { rejected },
  publications: publications === null ? [] : (JSON.parse(publications) as Publication[]),
});
/** @param given What `'as given'` stands for. */
const decidedOf = ({ decided, stored }: DecidedRow, given: DecisionRow | null): Decided => {
  const row = stored === 'as given' ? given : stored;
  return {
    decided,
    stored: row === null ? null : { ...decisionOf(row), fanned: row.publications === null },
  };
};

/** A path that lasts: SQLite takes some names for a database that is gone with the process, or for an address. */
const checkFile = (file: unknown): string => {
  if (typeof file === 'string' && file.trim() !== '' && !/^:memory:|^file:|^[\w+]+:\/\//.test(file))
    return resolve(file);
  throw new StatesocketError(
    'bad-option',
    "sqliteEngine needs a file: the path of one on a disk, such as 'data/inbox.db'. For messages that end with the " +
      'process take memoryEngine().',
  );
};

const findLibsql = (): string => {
  try {
    return createRequire(import.meta.url).resolve('libsql');
  } catch (cause) {
    throw new StatesocketError('engine-failed', 'sqliteEngine needs the package libsql: npm install libsql', {
      cause,
    });
  }
};

/** What the sqlite engine takes. */
export interface SqliteEngineOptions extends EngineOptions {
  /** The path of the file. It is made when it is missing, for its owner alone (0600); its folder is not. */
  readonly file: string;
}

/** {@link sqliteEngine}, on a thread of the test's choice. */
export const sqliteEngineOn = (
  options: SqliteEngineOptions,
  startThread: (dataNow: () => ThreadData) => SqliteThread,
): Engine => {
  checkEngineNames('sqliteEngine', options, { file: true });
  const file = checkFile(options?.file);
  const { now = Date.now, suffix = randomSuffix } = options;
  const retention = retain(options.retention);
  const libsql = findLibsql();
  const { call, flush, close } = startThread(() => ({ libsql, file, ...retention, wallMs: now() }));
  const doorbells = createDoorbells();
  const nodes = createLocalNodes();

  const append: Engine['append'] = async (userId, texts, mark) => {
    // A closed engine refuses an empty append as well.
    if (texts.length === 0) {
      await call('last', [userId]);
      return [];
    }
    const sent = mark && { origin: mark.origin, n: mark.n };
    const ids = await call('append', [userId, [...texts], texts.map(suffix), sent, now()]);
    if (ids !== 'repeat') doorbells.ring(userId);
    return ids;
  };
  const decide: Engine['decide'] = async (userId, clientId, decision, seen) => {
    const row = rowOf(decision);
    return decidedOf(await call('decide', [userId, clientId, row, seen, now()]), row);
  };

  return {
    append,
    readAfter: async (...given) => call('readAfter', given),
    last: async (...given) => call('last', given),
    subscribe: doorbells.subscribe,
    ring: doorbells.ringAll,
    openChannel: nodes.open,
    decide,
    ...manyForms({ append, decide }, flush),
    recall: async (...given) => decidedOf(await call('recall', given), null),
    fanned: async (...given) => call('fanned', given),
    async resumeCommands(...given) {
      const { decided, unfanned } = await call('resumeCommands', given);
      return { decided, unfanned: unfanned.map(decisionOf) };
    },
    async unfanned(...given) {
      const rows = await call('unfanned', given);
      return rows.map(({ clientId, ...row }) => ({ clientId, decision: decisionOf(row) }));
    },
    async close() {
      doorbells.clear();
      nodes.clear();
      await close();
    },
  };
};

/**
 * An engine that keeps the logs in one SQLite file, through `libsql`: for a gateway on one machine. What `append` has
 * resolved survives a killed process and a power cut. The file may also hold tables of yours; ours begin with `statesocket_`.
 *
 * The database is open in a thread of its own, so no call holds up the event loop. Calls that wait share a transaction. While
 * another program holds the file's write lock, writes wait for it, for 5 s at most, and reads go on.
 *
 * One process only: a second one on the same file writes safely, but its doorbell is not heard here.
 *
 * @throws {StatesocketError} `bad-option` for a file or a retention that cannot be, or a name that nobody reads;
 * `engine-failed` when the file cannot be opened, is no database, is locked for 5 s, or when `libsql` is not
 * installed. The message says which.
 * @example
 * const engine = sqliteEngine({ file: 'data/inbox.db', retention: { maxCount: 5000 } });
 */
export const sqliteEngine = (options: SqliteEngineOptions): Engine =>
  sqliteEngineOn(options, (dataNow) => startSqliteThread(dataNow));
