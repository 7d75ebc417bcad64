import { sql } from 'kysely';
import type { Database } from '../database/open-database.ts';
import type { LimitRule } from './limit-rules.ts';
import { tooMany } from './window-limit.ts';

/** So often what is over is deleted, so many rows at a time. */
const CALLS_PER_SWEEP_COUNT = 50;
const SWEPT_COUNT = 500;

/** The time by the database's clock, which all servers have in common. */
const now = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/** A limit, and for whom it is counted. */
export interface Counter {
  readonly rule: LimitRule;
  readonly name: string;
}

/** Limits in time of all servers on one Postgres together. */
export interface SharedTally {
  /** Counts one in each, or in none: refuses with `too-many-requests` where one of them is full. */
  take(counters: readonly Counter[]): Promise<void>;
  /** Takes one back in each that did not count after all. */
  giveBack(counters: readonly Counter[]): Promise<void>;
  /** Forgets all that was counted under this name. */
  forget(name: string): Promise<void>;
  /** Remembers a name for a time. */
  note(name: string, forMs: number): Promise<void>;
  knows(name: string): Promise<boolean>;
}

export const createSharedTally = (db: Database): SharedTally => {
  let callCount = 0;

  const sweep = async () => {
    callCount += 1;
    if (callCount % CALLS_PER_SWEEP_COUNT !== 0) return;
    await sql`delete from tallies where name in (select name from tallies where "endsAt" <= ${now}
      order by "endsAt" limit ${SWEPT_COUNT} for update skip locked)`.execute(db);
  };
  /** In the order of their names, so that two servers do not wait for each other. */
  const add = async (names: readonly string[], windowsMs: readonly number[]) =>
    sql<{ name: string; count: number; leftMs: number }>`
      insert into tallies as t (name, count, "endsAt")
      select name, 1, ${now} + "windowMs" from unnest(${names}::text[], ${windowsMs}::bigint[]) as asked (name, "windowMs")
        order by name
      on conflict (name) do update set
        count = case when t."endsAt" <= ${now} then 1 else t.count + 1 end,
        "endsAt" = case when t."endsAt" <= ${now} then excluded."endsAt" else t."endsAt" end
      returning name, count, "endsAt" - ${now} as "leftMs"`.execute(db);
  const giveBack: SharedTally['giveBack'] = async (counters) => {
    await sql`with held as (select name from tallies where name = any(${counters.map(({ name }) => name)}::text[])
        order by name for update)
      update tallies set count = greatest(count - 1, 0) from held where tallies.name = held.name`.execute(db);
  };

  return {
    async take(counters) {
      const { rows } = await add(
        counters.map(({ name }) => name),
        counters.map(({ rule }) => rule.windowMs),
      );
      const full = counters.find(({ rule, name }) =>
        rows.some((row) => row.name === name && row.count > rule.maxCount),
      );
      await sweep();
      if (full === undefined) return;
      await giveBack(counters);
      throw tooMany(full.rule.what, Math.max(rows.find(({ name }) => name === full.name)?.leftMs ?? 0, 1));
    },
    giveBack,
    async forget(name) {
      await db.deleteFrom('tallies').where('name', '=', name).execute();
    },
    async note(name, forMs) {
      await sql`insert into tallies (name, count, "endsAt") values (${name}, 1, ${now} + ${forMs}::bigint)
        on conflict (name) do update set "endsAt" = excluded."endsAt"`.execute(db);
    },
    async knows(name) {
      const { rows } = await sql`select 1 from tallies where name = ${name} and "endsAt" > ${now}`.execute(
        db,
      );
      return rows.length > 0;
    },
  };
};
