import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { startPgBouncer } from '../../scripts/postgres.mjs';
import { postgresEngine } from '../../src/gateway/postgres/index.ts';
import { describeEngine } from '../contract/engine.contract.ts';
import { dropSchema, makeDatabase, query } from './support/databases.ts';

let bouncer: Awaited<ReturnType<typeof startPgBouncer>>;
/** Past the bouncer, and through it. */
let direct = '';
let pooled = '';
beforeAll(async () => {
  direct = await makeDatabase();
  bouncer = await startPgBouncer({ port: Number(new URL(inject('postgresUrl')).port) });
  pooled = bouncer.url(new URL(direct).pathname.slice(1));
});
afterAll(() => bouncer?.remove());

const open = (options: object) =>
  postgresEngine({ connectionString: pooled, listenConnectionString: direct, ...options });

describeEngine(
  'postgres, behind PgBouncer in transaction mode,',
  async (options) => {
    await dropSchema(direct);
    return open(options);
  },
  open,
);

describe('PgBouncer in transaction mode', () => {
  it('shares its few connections among several engines', async () => {
    await dropSchema(direct);
    const engines = Array.from({ length: 5 }, () => open({}));
    await Promise.all(
      engines.flatMap((engine, at) =>
        Array.from({ length: 40 }, (_, n) => engine.append(`user ${n}`, [JSON.stringify({ type: 'X', at })])),
      ),
    );
    const counted = `SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE application_name = 'statesocket' AND datname = current_database()`;
    expect(Number((await query(direct, counted))[0]?.count)).toBeLessThanOrEqual(4);
    await Promise.all(engines.map((engine) => engine.close()));
  });

  it('carries no LISTEN: that goes past it', async () => {
    const [engine, other] = [open({}), open({})];
    const bell = vi.fn();
    other.subscribe('anna', bell);
    await vi.waitFor(() => expect(bell).toHaveBeenCalledTimes(1), 5_000);
    await engine.append('anna', ['{"type":"X"}']);
    await vi.waitFor(() => expect(bell.mock.calls.length).toBeGreaterThan(1), 5_000);
    await Promise.all([engine.close(), other.close()]);
  });
});
