import { MARK_AGE_MS } from '../engine/retention.ts';
import { APPEND, APPENDS } from './functions/append.ts';
import { DECIDES, DECISIONS, FANNED } from './functions/decide.ts';
import { READS, RUN } from './functions/run.ts';

/** Inside a transaction of the app's: waits for slots as long as that transaction may. */
const PUBLISH = `
CREATE OR REPLACE FUNCTION publish_1(
  users text[], message text, suffixes text[], by_origin text, by_n bigint, age bigint, max_count bigint, max_age bigint
) RETURNS text LANGUAGE plpgsql PATH AS $$
BEGIN
  INSERT INTO slot (user_id) SELECT name FROM unnest(users) AS name
    WHERE NOT EXISTS (SELECT FROM slot WHERE user_id = name) ORDER BY 1 ON CONFLICT DO NOTHING;
  PERFORM FROM slot WHERE user_id = ANY (users) ORDER BY user_id FOR UPDATE;
  FOR i IN 1 .. cardinality(users) LOOP
    PERFORM append_1(users[i], jsonb_build_array(message), jsonb_build_array(suffixes[i]), by_origin, by_n, age, max_count, max_age);
  END LOOP;
  RETURN pg_current_xact_id()::text;
END $$;`;

/** Forgets what is too old of the next users, by name. @returns The last of them; null: there was none. */
const FORGET = `
CREATE OR REPLACE FUNCTION forget_1(after text, most bigint, age bigint, max_age bigint) RETURNS text LANGUAGE plpgsql PATH AS $$
DECLARE
  users text[];
  reached text;
BEGIN
  SELECT array_agg(user_id), max(user_id) INTO users, reached FROM
    (SELECT user_id FROM slot WHERE user_id > after OR after IS NULL ORDER BY user_id LIMIT most) AS next_ones;
  SELECT array_agg(user_id) INTO users FROM
    (SELECT user_id FROM slot WHERE user_id = ANY (users) ORDER BY user_id FOR UPDATE SKIP LOCKED) AS free;
  DELETE FROM mark WHERE user_id = ANY (users) AND touched_at < age - ${MARK_AGE_MS};
  DELETE FROM decision AS d USING client AS c WHERE c.user_id = ANY (users) AND c.touched_at < age - ${MARK_AGE_MS}
    AND d.user_id = c.user_id AND d.client_id = c.client_id;
  DELETE FROM client WHERE user_id = ANY (users) AND touched_at < age - ${MARK_AGE_MS};
  WITH gone AS (
    DELETE FROM entry WHERE user_id = ANY (users) AND appended_at < age - max_age RETURNING user_id, number)
  UPDATE slot SET first = greatest(first, dropped.number + 1)
    FROM (SELECT user_id, max(number) AS number FROM gone GROUP BY 1) AS dropped WHERE slot.user_id = dropped.user_id;
  RETURN reached;
END $$;`;

/** Sockets of nodes. A lock per user, in one order: of two nodes that place a user at once one is the first. */
const NODES = `
CREATE OR REPLACE FUNCTION sockets_1(u text) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(place.count), 0) FROM place JOIN node USING (node_id) WHERE user_id = u AND expires_at > clock_timestamp()
$$;
CREATE OR REPLACE FUNCTION place_1(me text, users text[], counts int[], salt int) RETURNS SETOF bigint LANGUAGE plpgsql PATH AS $$
DECLARE
  elsewhere bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(salt, key) FROM
    (SELECT DISTINCT hashtext(name) AS key FROM unnest(users) AS name ORDER BY 1) AS keys;
  FOR i IN 1 .. cardinality(users) LOOP
    SELECT coalesce(sum(place.count), 0) INTO elsewhere FROM place JOIN node USING (node_id)
      WHERE user_id = users[i] AND node_id <> me AND expires_at > clock_timestamp();
    IF counts[i] > 0 THEN
      INSERT INTO place VALUES (users[i], me, counts[i])
        ON CONFLICT (user_id, node_id) DO UPDATE SET count = excluded.count;
    ELSE
      DELETE FROM place WHERE user_id = users[i] AND node_id = me;
    END IF;
    RETURN NEXT elsewhere;
  END LOOP;
END $$;
CREATE OR REPLACE FUNCTION renew_1(me text, lease_ms bigint) RETURNS jsonb LANGUAGE plpgsql PATH AS $$
DECLARE
  is_new boolean;
  others bigint;
  dead text[];
  users text[];
BEGIN
  INSERT INTO node VALUES (me, clock_timestamp() + lease_ms * interval '1 ms')
    ON CONFLICT (node_id) DO UPDATE SET expires_at = excluded.expires_at RETURNING xmax = 0 INTO is_new;
  WITH gone AS (DELETE FROM node WHERE expires_at < clock_timestamp() RETURNING node_id)
  SELECT array_agg(node_id) INTO dead FROM gone;
  IF dead IS NOT NULL THEN
    WITH gone AS (DELETE FROM place WHERE node_id = ANY (dead) RETURNING user_id)
    SELECT array_agg(DISTINCT user_id) INTO users FROM gone;
  END IF;
  SELECT count(*) INTO others FROM node WHERE node_id <> me;
  RETURN jsonb_build_object('new', is_new, 'others', others, 'gone', coalesce(
    (SELECT jsonb_agg(name) FROM unnest(users) AS name WHERE sockets_1(name) = 0), '[]'));
END $$;`;

/**
 * What runs inside the database. The names end in a version, so that servers of two versions may use one database
 * while they are exchanged: a function that has been released keeps its meaning.
 *
 * All of one request is one transaction. A call is an object: `o` says which it is, `u` the user, `g` the age clock when it was made.
 *
 * What is called from outside looks names up in the schema, whatever the caller's path is; what that calls does so too.
 */
export const functionsIn = (quotedSchema: string): string =>
  [APPEND, APPENDS, DECISIONS, DECIDES, FANNED, READS, RUN, PUBLISH, FORGET, NODES]
    .join('\n')
    .replaceAll(' PATH AS', ` SET search_path = ${quotedSchema}, pg_catalog, pg_temp AS`);
