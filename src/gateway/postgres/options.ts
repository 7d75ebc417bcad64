import type { Names } from '../../lib/unknown-names.ts';
import { StatesocketError } from '../../protocol/errors.ts';
import type { Doorbell } from '../engine/doorbell.ts';
import { checkEngineNames, type EngineOptions } from '../engine/retention.ts';

/** What a query of `pg` resolves with, as far as the engine looks at it. */
interface Rows {
  readonly rows: readonly unknown[];
}

/** Whatever runs a query inside a transaction of the app's: a client of `pg`, or one that is like it. */
export interface QueryClient {
  query(text: string, values: unknown[]): Promise<Rows>;
}

/** A client that a pool has handed out. */
export interface PooledClient extends QueryClient {
  on(event: 'error', listener: (cause: Error) => void): unknown;
  off(event: 'error', listener: (cause: Error) => void): unknown;
  release(destroy?: boolean): void;
}

/** A pool of `pg`. */
export interface ClientPool {
  connect(): Promise<PooledClient>;
}

/** What the postgres engine takes: an address, or a pool of the app's, and whatever else differs from the defaults. */
export interface PostgresEngineOptions extends EngineOptions {
  /** Where the database is, as `pg` reads it. Either this or `pool`. */
  readonly connectionString?: string;
  /**
   * A pool of `pg` that the app has. The engine does not end it, and takes 6 clients of it at most. Listen to its event `error`, as `pg`
   * asks: an idle client that breaks ends the process otherwise.
   */
  readonly pool?: ClientPool;
  /**
   * Where one connection may LISTEN: needed with a `pool`, and where `connectionString` leads to PgBouncer in
   * transaction mode. `false`: the engine does not listen. Then what other processes append waits for a heartbeat,
   * and nodes do not hear each other.
   * @default connectionString
   */
  readonly listenConnectionString?: string | false;
  /** The schema of the engine's tables. It is made where it is missing. Lower case letters, digits and `_`. @default statesocket */
  readonly schema?: string;
  /** Rings in place of the engine's own doorbell. It needs `ring`. */
  readonly doorbell?: Doorbell;
}

const MORE: Names<Omit<PostgresEngineOptions, keyof EngineOptions>> = {
  connectionString: true,
  pool: true,
  listenConnectionString: true,
  schema: true,
  doorbell: true,
};

const bad = (what: string): never => {
  throw new StatesocketError('bad-option', what);
};

/** Throws for options that cannot be. @throws {StatesocketError} `bad-option`. */
export const checkPostgresOptions = (options: PostgresEngineOptions): void => {
  checkEngineNames('postgresEngine', options, MORE);
  const {
    connectionString,
    pool,
    listenConnectionString: listen,
    schema = 'statesocket',
    doorbell,
  } = options;
  const isAddress = typeof connectionString === 'string' && connectionString !== '';
  const isPool = typeof pool === 'object' && pool !== null && typeof pool.connect === 'function';
  if (isAddress === isPool)
    bad(
      "postgresEngine needs either a connectionString, such as 'postgres://localhost/app', or a pool of the package pg.",
    );
  if (isPool && doorbell === undefined && listen === undefined)
    bad(
      'postgresEngine with a pool needs a listenConnectionString: the address at which one connection may LISTEN. Write false to do without.',
    );
  if (listen !== undefined && listen !== false && (typeof listen !== 'string' || listen === ''))
    bad('listenConnectionString must be an address, or false.');
  if (typeof schema !== 'string' || !/^[a-z_][a-z0-9_]{0,39}$/.test(schema))
    bad('schema must be 1 to 40 lower case letters, digits and _, and begin with no digit.');
};
