/**
 * The tables, by version: a step that has been released is never changed, others are added behind it. All texts that come from outside are
 * kept as `toStored` gives them. Times are of the age clock.
 *
 * What nodes know of each other is unlogged: it is gone after a crash, and each node puts its own back.
 */
export const TABLES: readonly string[] = [
  `
  CREATE TABLE slot (
    user_id text COLLATE "C" PRIMARY KEY,
    count bigint NOT NULL DEFAULT 0,     -- entries ever appended
    last text NOT NULL DEFAULT '0',      -- the id of the newest, for ever
    first bigint NOT NULL DEFAULT 1,     -- the number of the oldest that is kept
    last_at bigint NOT NULL DEFAULT 0
  ) WITH (fillfactor = 70);
  CREATE TABLE entry (
    user_id text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    id text NOT NULL,
    prev text NOT NULL,
    text text NOT NULL,
    appended_at bigint NOT NULL,         -- never falls within one log
    PRIMARY KEY (user_id, number)
  );
  CREATE TABLE mark (
    user_id text COLLATE "C" NOT NULL,
    origin text COLLATE "C" NOT NULL,
    n bigint NOT NULL,
    touched_at bigint NOT NULL,
    PRIMARY KEY (user_id, origin)
  ) WITH (fillfactor = 70);
  CREATE TABLE client (
    user_id text COLLATE "C" NOT NULL,
    client_id text COLLATE "C" NOT NULL,
    decided bigint NOT NULL,
    touched_at bigint NOT NULL,
    PRIMARY KEY (user_id, client_id)
  ) WITH (fillfactor = 70);
  CREATE TABLE decision (
    user_id text COLLATE "C" NOT NULL,
    client_id text COLLATE "C" NOT NULL,
    n bigint NOT NULL,
    key text NOT NULL,
    rejected text,                       -- the code; null: done
    publications text,                   -- JSON; null: all of them are in the logs
    PRIMARY KEY (user_id, client_id, n)
  );
  CREATE INDEX decision_unfanned ON decision (user_id, client_id, n) WHERE publications IS NOT NULL;
  CREATE TABLE clock (
    id integer PRIMARY KEY CHECK (id = 1),
    age_ms bigint NOT NULL,
    wall_ms bigint NOT NULL              -- the highest that any server's clock has been
  );
  CREATE UNLOGGED TABLE node (
    node_id text COLLATE "C" PRIMARY KEY,
    expires_at timestamptz NOT NULL      -- by the clock of the database
  );
  CREATE UNLOGGED TABLE place (
    user_id text COLLATE "C" NOT NULL,
    node_id text COLLATE "C" NOT NULL,
    count integer NOT NULL,
    PRIMARY KEY (user_id, node_id)
  );
  CREATE INDEX place_node ON place (node_id);
  `,
  '-- The functions alone: calls of one kind are done together.',
];
