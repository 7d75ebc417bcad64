import pg from 'pg';
import { postgresEngine } from '../../../src/gateway/postgres/index.ts';
import { installPostgresWitness, namesSince } from './postgres-witness.ts';
import type { NodeStore, StoreOptions } from './stores.ts';

const DEADLINE_MS = 4_000;

/** The engine on Postgres, and the app's rows in the same database. */
export const openPostgresStore = async ({ url, maxCount, users }: StoreOptions): Promise<NodeStore> => {
  const engine = postgresEngine({ connectionString: url, retention: { maxCount } });
  const pool = new pg.Pool({
    connectionString: url,
    max: 2,
    connectionTimeoutMillis: DEADLINE_MS,
    query_timeout: DEADLINE_MS,
  });
  pool.on('error', () => {}); // the next query tells
  pool.on('connect', (client) => client.on('error', () => {}));
  // The store may be away as this node starts: it serves as soon as that is back.
  for (;;) {
    try {
      await engine.ready();
      await installPostgresWitness(pool);
      break;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  return {
    engine,
    messagesSince: (user, place) => namesSince(pool, user, place),
    async addAnnouncement() {
      await pool.query(
        `INSERT INTO announcement SELECT coalesce(max(row), 0) + 1, 'news#' || (coalesce(max(row), 0) + 1), $1, $2, false
         FROM announcement ON CONFLICT DO NOTHING`,
        [JSON.stringify(users), Date.now()],
      );
    },
    async dueAnnouncements() {
      const { rows } = await pool.query(
        'SELECT row::int AS row, ref FROM announcement WHERE NOT published ORDER BY row',
      );
      return rows as { row: number; ref: string }[];
    },
    async announced(row) {
      await pool.query('UPDATE announcement SET published = true WHERE row = $1', [row]);
    },
    async close() {
      await engine.close();
      await pool.end();
    },
  };
};
