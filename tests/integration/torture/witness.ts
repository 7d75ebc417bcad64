import { createRequire } from 'node:module';
import type Database from 'libsql';
import type { Happening } from '../../simulation/delivery/history.ts';

/**
 * What the engine's own transactions did to its file, written down inside of them by triggers: a process that is killed
 * has both on the disk, or neither. `at` is the wall clock, in ms.
 */
const WITNESS = `
  CREATE TABLE IF NOT EXISTS witness (
    seq INTEGER PRIMARY KEY,
    what TEXT NOT NULL,
    user TEXT NOT NULL,
    at INTEGER NOT NULL,
    id TEXT NOT NULL,
    n INTEGER,
    detail TEXT
  );
  CREATE INDEX IF NOT EXISTS witness_user ON witness (user, seq);
  CREATE TRIGGER IF NOT EXISTS witness_mark_insert AFTER INSERT ON statesocket_mark BEGIN
    INSERT INTO witness (what, user, at, id, n) VALUES ('mark', new.user_id, new.touched_at, new.origin, new.n);
  END;
  CREATE TRIGGER IF NOT EXISTS witness_mark_update AFTER UPDATE ON statesocket_mark BEGIN
    INSERT INTO witness (what, user, at, id, n) VALUES ('mark', new.user_id, new.touched_at, new.origin, new.n);
  END;
  CREATE TRIGGER IF NOT EXISTS witness_entry AFTER INSERT ON statesocket_entry BEGIN
    INSERT INTO witness (what, user, at, id, detail) VALUES ('entry', new.user_id, new.appended_at, new.id, new.text);
  END;
  CREATE TRIGGER IF NOT EXISTS witness_decision AFTER INSERT ON statesocket_decision BEGIN
    INSERT INTO witness (what, user, at, id, n, detail) VALUES ('decision', new.user_id,
      CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER), new.client_id, new.n,
      json_object('key', new.key, 'rejected', new.rejected));
  END;
`;

interface WitnessRow {
  readonly what: 'mark' | 'entry' | 'decision';
  readonly user: string;
  readonly at: number;
  readonly id: string;
  readonly n: number | null;
  readonly detail: string | null;
}

/** Puts the witness into the file of an engine, before any command comes. */
export const installWitness = (database: Database.Database): void => {
  database.exec(WITNESS);
};

/** What the app has of a user's messages: every one that was ever in the log, as `ref:part`, after this place. */
export const messagesSince = (database: Database.Database, user: string, place: number) => {
  const rows = database
    .prepare("SELECT seq, detail FROM witness WHERE user = ? AND seq > ? AND what = 'entry' ORDER BY seq")
    .all(user, place) as { seq: number; detail: string }[];
  const names = rows.map(({ detail }) => {
    const { ref, part } = JSON.parse(detail) as { ref: string; part: number };
    return `${ref}:${part}`;
  });
  return { names, place: rows.at(-1)?.seq ?? place };
};

/** What happened in the file, and when, in the words of the history, oldest first. `refOf` knows the names of keys. */
export const witnessed = (
  file: string,
  refOf: (key: string) => string | undefined,
): readonly { readonly at: number; readonly happening: Happening }[] => {
  const Libsql: typeof Database = createRequire(import.meta.url)('libsql');
  const database = new Libsql(file);
  const rows = database.prepare('SELECT what, user, at, id, n, detail FROM witness ORDER BY seq').all();
  const announced = database.prepare('SELECT ref, users, at FROM announcement ORDER BY row').all();
  database.close();

  const found: { at: number; happening: Happening }[] = [];
  for (const { ref, users, at } of announced as { ref: string; users: string; at: number }[])
    found.push({ at, happening: { what: 'announced', ref, to: JSON.parse(users) as string[] } });
  /** An append is its mark and the entries that follow it. */
  let append: (Happening & { what: 'appended' }) | null = null;
  let now = 0;
  for (const row of rows as WitnessRow[]) {
    now = Math.max(now, row.at);
    if (row.what === 'mark') {
      append = {
        what: 'appended',
        user: row.user,
        entries: [],
        mark: { origin: row.id, n: row.n ?? 0 },
      };
      found.push({ at: now, happening: append });
    } else if (row.what === 'entry') {
      const { ref, part } = JSON.parse(row.detail ?? '') as { ref: string; part: number };
      if (append === null || append.user !== row.user) {
        append = { what: 'appended', user: row.user, entries: [] };
        found.push({ at: now, happening: append });
      }
      (append.entries as object[]).push({ id: row.id, ref, part });
    } else {
      append = null;
      const { key, rejected } = JSON.parse(row.detail ?? '') as { key: string; rejected: string | null };
      found.push({
        at: now,
        happening: {
          what: 'decided',
          user: row.user,
          clientId: row.id,
          n: row.n ?? 0,
          key,
          ref: refOf(key) ?? key,
          rejected,
        },
      });
    }
  }
  return found;
};
