import pg from 'pg';
import type { Happening } from '../../simulation/delivery/history.ts';
import type { Witnessed } from './site.ts';

/**
 * What the engine's own transactions did, written down inside of them by triggers: a server that crashes has both, or neither. `at` is
 * the wall clock, in ms. Rows of one user are in the order of their transactions, since those take turns at the user's slot.
 */
const WITNESS = `
  CREATE TABLE IF NOT EXISTS witness (
    seq bigserial PRIMARY KEY, what text NOT NULL, name text NOT NULL, xid text NOT NULL DEFAULT pg_current_xact_id()::text,
    at bigint NOT NULL DEFAULT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint,
    id text NOT NULL, n bigint, detail text
  );
  CREATE INDEX IF NOT EXISTS witness_name ON witness (name, seq);
  CREATE TABLE IF NOT EXISTS announcement (
    row bigint PRIMARY KEY, ref text NOT NULL, users text NOT NULL, at bigint NOT NULL, published boolean NOT NULL
  );
  CREATE OR REPLACE FUNCTION see_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO public.witness (what, name, id, detail) VALUES ('entry', NEW.user_id, NEW.id, NEW.text);
    RETURN NULL;
  END $$;
  CREATE OR REPLACE FUNCTION see_decision() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO public.witness (what, name, id, n, detail) VALUES ('decision', NEW.user_id, NEW.client_id, NEW.n,
      jsonb_build_object('key', NEW.key, 'rejected', NEW.rejected)::text);
    RETURN NULL;
  END $$;
  CREATE OR REPLACE TRIGGER see_entry AFTER INSERT ON statesocket.entry FOR EACH ROW EXECUTE FUNCTION see_entry();
  CREATE OR REPLACE TRIGGER see_decision AFTER INSERT ON statesocket.decision FOR EACH ROW EXECUTE FUNCTION see_decision();
`;

interface WitnessRow {
  readonly seq: number;
  readonly what: 'entry' | 'decision';
  readonly name: string;
  readonly xid: string;
  readonly at: number;
  readonly id: string;
  readonly n: number | null;
  readonly detail: string;
}

/** Puts the witness beside the engine's tables, once. */
export const installPostgresWitness = async (pool: pg.Pool): Promise<void> => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(77)');
    const { rows } = await client.query("SELECT to_regclass('public.witness') AS name");
    if (rows[0]?.name === null) await client.query(WITNESS);
    await client.query('COMMIT');
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
};

const nameIn = (text: string): { readonly ref: string; readonly part: number } => {
  const { ref, part } = JSON.parse(text) as { ref: string; part: number };
  return { ref, part };
};

/** Every message that was ever in the user's log, after this place. */
export const namesSince = async (pool: pg.Pool, user: string, place: number) => {
  const { rows } = await pool.query(
    "SELECT seq::float AS seq, detail FROM witness WHERE name = $1 AND seq > $2 AND what = 'entry' ORDER BY seq",
    [user, place],
  );
  const found = rows as { seq: number; detail: string }[];
  const names = found.map(({ detail }) => {
    const { ref, part } = nameIn(detail);
    return `${ref}:${part}`;
  });
  return { names, place: found.at(-1)?.seq ?? place };
};

/** What a database says of what happened in it. */
export interface Testimony {
  readonly rows: readonly WitnessRow[];
  readonly announcements: readonly { readonly ref: string; readonly users: string; readonly at: number }[];
}

export const readTestimony = async (url: string): Promise<Testimony> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // the query tells
  await client.connect();
  try {
    const { rows } = await client.query(
      'SELECT seq::float AS seq, what, name, xid, at::float AS at, id, n::float AS n, detail FROM witness ORDER BY seq',
    );
    const { rows: announcements } = await client.query(
      'SELECT ref, users, at::float AS at FROM announcement ORDER BY row',
    );
    return { rows, announcements };
  } finally {
    await client.end();
  }
};

const identityOf = ({ what, name, id, n }: WitnessRow): string => JSON.stringify([what, name, id, n]);

/** What the one database had and the other has not, as the loss of each user's tail. Decisions that are made again are lost as well. */
export const lostBetween = (
  before: Testimony,
  after: Testimony,
  refOf: (key: string) => string | undefined,
): readonly Happening[] => {
  const kept = new Set(after.rows.map(identityOf));
  const lost = before.rows.filter((row) => !kept.has(identityOf(row)));
  const users = [...new Set(lost.map(({ name }) => name))];
  return users.map((user): Happening => {
    const own = lost.filter(({ name }) => name === user);
    return {
      what: 'tail lost',
      user,
      entries: own
        .filter(({ what }) => what === 'entry')
        .map(({ id, detail }) => ({ id, ...nameIn(detail) })),
      refs: own
        .filter(({ what }) => what === 'decision')
        .map(({ detail }) => (JSON.parse(detail) as { key: string }).key)
        .map((key) => refOf(key) ?? key),
    };
  });
};

/** What happened, in the words of the history, oldest first. `refOf` knows the names of keys. */
export const toldBy = (
  { rows, announcements }: Testimony,
  refOf: (key: string) => string | undefined,
): Witnessed => {
  const found: { at: number; happening: Happening }[] = announcements.map(({ ref, users, at }) => ({
    at,
    happening: { what: 'announced', ref, to: JSON.parse(users) as string[] },
  }));
  /** Of a user an append is the entries of one message or command in one transaction. */
  const appends = new Map<
    string,
    { readonly name: string; readonly entries: { id: string; ref: string; part: number }[] }
  >();
  /** A user's clock: transactions of two users may be seen in either order. */
  const nowOf = new Map<string, number>();
  for (const row of rows) {
    const at = Math.max(row.at, nowOf.get(row.name) ?? 0);
    nowOf.set(row.name, at);
    if (row.what === 'entry') {
      const { ref, part } = nameIn(row.detail);
      const name = `${row.xid} ${ref}`;
      const last = appends.get(row.name);
      if (last?.name === name) {
        last.entries.push({ id: row.id, ref, part });
        continue;
      }
      const entries = [{ id: row.id, ref, part }];
      appends.set(row.name, { name, entries });
      found.push({ at, happening: { what: 'appended', user: row.name, entries } });
    } else {
      const { key, rejected } = JSON.parse(row.detail) as { key: string; rejected: string | null };
      found.push({
        at,
        happening: {
          what: 'decided',
          user: row.name,
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
