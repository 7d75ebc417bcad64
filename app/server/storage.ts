import type { Engine } from 'statesocket/gateway';
import { postgresEngine } from 'statesocket/gateway/postgres';
import { redisEngine } from 'statesocket/gateway/redis';
import { createSharedTickets } from './accounts/shared-tickets.ts';
import { createTickets, type Tickets } from './accounts/tickets.ts';
import { createAnnouncementOutbox, type OutboxPublisher } from './announcing/announcement-outbox.ts';
import { type Changes, type CommandChanges, toldByGateway } from './announcing/changes.ts';
import { publishedInTransaction } from './announcing/published-in-transaction.ts';
import { openDataFolder } from './data-folder.ts';
import type { Database } from './database/open-database.ts';
import { openPostgres } from './database/open-postgres.ts';
import { createLimits, createSharedLimits, type Limits } from './limits/limits.ts';
import type { Waitable } from './limits/waitable.ts';
import type { Log } from './operations/log.ts';
import { StartError } from './start-error.ts';

/** Where everything is kept. */
export interface StorageOptions {
  /** The folder of the files, where there is no database. It is made when it is missing. */
  readonly dataDir: string;
  /** A Postgres in its stead, for any number of servers. @default none */
  readonly databaseUrl?: string | undefined;
  /** The same Postgres, past a pooler in transaction mode. @default databaseUrl */
  readonly databaseListenUrl?: string | undefined;
  /** A Redis for the logs of the gateway; the rows stay in `databaseUrl`. @default none: the logs are in Postgres */
  readonly redisUrl?: string | undefined;
}

/** How changes of the app's rows are told, by where the engine has its logs. */
interface Announcing {
  readonly changes: Changes;
  readonly commandChanges: CommandChanges;
  close(): Promise<void>;
}

/** All that outlives a request, and what servers of one database have in common. Nothing else knows which store it is. */
export interface Storage {
  readonly db: Database;
  readonly engine: Engine;
  /** For whoever starts the server; without a password. */
  readonly place: string;
  readonly tickets: Waitable<Pick<Tickets, 'issue' | 'spend' | 'sessionOf'>>;
  readonly limits: Limits;
  announcing(publisher: OutboxPublisher, log: Log['error']): Announcing;
  close(): Promise<void>;
}

/** Where the app's rows are in one place and the logs in another. */
const announcedThroughOutbox =
  (db: Database): Storage['announcing'] =>
  (publisher, log) => {
    const outbox = createAnnouncementOutbox({ db, publisher, log });
    return { changes: outbox, commandChanges: toldByGateway(db), close: outbox.close };
  };

const closing = (db: Database, engine: Engine) => async () => {
  await engine.close();
  await db.destroy();
};

const openFiles = async (dataDir: string): Promise<Storage> => {
  const { db, engine, folder } = await openDataFolder(dataDir);
  return {
    db,
    engine,
    place: folder,
    tickets: createTickets(),
    limits: createLimits(),
    announcing: announcedThroughOutbox(db),
    close: closing(db, engine),
  };
};

/** Where a store is, without its user and password. */
const placeOf = (address: URL): string => `${address.host || 'this computer'}${address.pathname}`;

const readAddress = (name: string, text: string, schemes: readonly string[]): URL => {
  const address = URL.canParse(text) ? new URL(text) : null;
  if (address !== null && schemes.includes(address.protocol)) return address;
  throw new StartError(
    `${name} must begin with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}, and be an address.`,
  );
};

const POSTGRES_SCHEMES = ['postgres:', 'postgresql:'];
const REDIS_SCHEMES = ['redis:', 'rediss:'];

const unusable = (what: string, place: string, variable: string, error: unknown): StartError => {
  const { code, message } = error as NodeJS.ErrnoException;
  const cause = code === undefined || code === 'engine-failed' ? message.replace(/\.$/, '') : code;
  return new StartError(
    `The ${what} at ${place} cannot be used (${cause}). Start it, or set ${variable} to one that runs.`,
    { cause: error },
  );
};

/** What servers on one Postgres have in common, wherever the logs are. */
const sharedBy = (db: Database) => ({ tickets: createSharedTickets(db), limits: createSharedLimits(db) });

/** Resolves when the engine is reached. Rejects as `failed` says, and leaves nothing open. */
const begin = async (
  engine: Engine & { ready(): Promise<void> },
  db: Database,
  failed: (error: unknown) => StartError,
): Promise<() => Promise<void>> => {
  const close = closing(db, engine);
  await engine.ready().catch(async (error: unknown) => {
    await close();
    throw failed(error);
  });
  return close;
};

const openPostgresStorage = async (databaseUrl: string, options: StorageOptions): Promise<Storage> => {
  const place = placeOf(readAddress('DATABASE_URL', databaseUrl, POSTGRES_SCHEMES));
  const listenUrl = options.databaseListenUrl || databaseUrl;
  readAddress('DATABASE_LISTEN_URL', listenUrl, POSTGRES_SCHEMES);
  const redis = options.redisUrl ? readAddress('REDIS_URL', options.redisUrl, REDIS_SCHEMES) : null;
  const failed = (error: unknown) => unusable('database', place, 'DATABASE_URL', error);
  const db = await openPostgres(databaseUrl).catch((error: unknown) => {
    throw failed(error);
  });
  if (redis !== null) {
    const engine = redisEngine({ url: redis.href });
    const close = await begin(engine, db, (error) => unusable('Redis', placeOf(redis), 'REDIS_URL', error));
    const words = `the database ${place}, and the logs in the Redis ${placeOf(redis)}`;
    return { ...sharedBy(db), db, engine, place: words, announcing: announcedThroughOutbox(db), close };
  }
  const engine = postgresEngine({ connectionString: databaseUrl, listenConnectionString: listenUrl });
  const close = await begin(engine, db, failed);
  return {
    ...sharedBy(db),
    db,
    engine,
    place: `the database ${place}`,
    announcing: (publisher) => ({ ...publishedInTransaction(db, engine, publisher), close: async () => {} }),
    close,
  };
};

/** Opens the place where everything is kept. @throws {StartError} when it cannot be used. Nothing is left open then. */
export const openStorage = async (options: StorageOptions): Promise<Storage> => {
  const { dataDir, databaseUrl, redisUrl } = options;
  if (databaseUrl) return openPostgresStorage(databaseUrl, options);
  if (redisUrl)
    throw new StartError(
      'REDIS_URL is for the logs of several servers, whose rows need a Postgres: set DATABASE_URL as well, or neither.',
    );
  return openFiles(dataDir);
};
