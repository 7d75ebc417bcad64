import { StatesocketError } from '../../protocol/errors.ts';
import { createDoorbells } from './doorbells.ts';
import type { Engine } from './engine.ts';
import { randomSuffix } from './position.ts';
import { type EngineOptions, retain } from './retention.ts';
import { createSqliteDecisions } from './sqlite-decisions.ts';
import { createSqliteLog } from './sqlite-log.ts';
import { openTables } from './sqlite-tables.ts';

/**
 * An engine that keeps the logs in one SQLite file, through `libsql`: for a gateway on one machine. What `append` has
 * resolved survives a killed process and a power cut. The file may also hold tables of yours; ours begin with `statesocket_`.
 *
 * One process only: a second one on the same file writes safely, but its doorbell is not heard here.
 *
 * @throws {StatesocketError} `engine-failed` when the file cannot be opened or `libsql` is not installed.
 * @example
 * const engine = sqliteEngine({ file: 'data/inbox.db', retention: { maxCount: 5000 } });
 */
export const sqliteEngine = (options: EngineOptions & { readonly file: string }): Engine => {
  const { file, now = Date.now, suffix = randomSuffix } = options;
  const retention = retain(options.retention);
  const database = openTables(file);
  const log = createSqliteLog(database, { ...retention, now, suffix });
  const decisions = createSqliteDecisions(database, { now });
  const doorbells = createDoorbells();
  let closed = false;

  const checkOpen = () => {
    // libsql itself goes on reading after close().
    if (closed) throw new StatesocketError('engine-failed', 'The engine is closed.');
  };
  /** As a method of the engine: a throw becomes a rejection. */
  const opened =
    <Args extends readonly unknown[], Result>(run: (...args: Args) => Result) =>
    async (...args: Args): Promise<Result> => {
      checkOpen();
      return run(...args);
    };

  return {
    append: opened((userId, texts, mark) => {
      if (texts.length === 0) return [];
      const ids = log.append(userId, texts, mark);
      if (ids !== 'repeat') doorbells.ring(userId);
      return ids;
    }),
    readAfter: opened(log.readAfter),
    last: opened(log.last),
    subscribe: doorbells.subscribe,
    decide: opened(decisions.decide),
    recall: opened(decisions.recall),
    fanned: opened(decisions.fanned),
    resumeCommands: opened(decisions.resumeCommands),
    unfanned: opened(decisions.unfanned),
    async close() {
      if (closed) return;
      closed = true;
      doorbells.clear();
      database.close();
    },
  };
};
