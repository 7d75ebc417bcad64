import { KEPT_DECISIONS_COUNT, MARK_AGE_MS } from '../engine/retention.ts';

/**
 * What runs inside the database. The names end in a version, so that servers of two versions may use one database
 * while they are exchanged: a function that has been released keeps its meaning.
 *
 * All of one request is one transaction. A call is an object: `o` says which it is, `u` the user, `g` the age clock when it was made.
 */
const APPEND = `
CREATE OR REPLACE FUNCTION append_1(
  u text, texts jsonb, suffixes jsonb, by_origin text, by_n bigint, age bigint, max_count bigint, max_age bigint
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  log slot%ROWTYPE;
  ids jsonb := '[]';
  next_id text;
  at bigint;
  new_first bigint;
BEGIN
  IF by_origin IS NOT NULL THEN
    INSERT INTO mark AS m VALUES (u, by_origin, by_n, age)
      ON CONFLICT (user_id, origin) DO UPDATE SET n = excluded.n, touched_at = excluded.touched_at
      WHERE excluded.n > m.n OR m.touched_at < age - ${MARK_AGE_MS};
    IF NOT FOUND THEN RETURN '"repeat"'; END IF;
  END IF;
  SELECT * INTO log FROM slot WHERE user_id = u;
  at := greatest(age, log.last_at);
  FOR i IN 0 .. jsonb_array_length(texts) - 1 LOOP
    log.count := log.count + 1;
    next_id := log.count || '-' || (suffixes ->> i);
    INSERT INTO entry VALUES (u, log.count, next_id, log.last, texts ->> i, at);
    log.last := next_id;
    ids := ids || to_jsonb(next_id);
  END LOOP;
  new_first := greatest(log.first, log.count - max_count + 1);
  IF EXISTS (SELECT FROM entry WHERE user_id = u AND number = new_first AND appended_at < age - max_age) THEN
    SELECT number INTO new_first FROM entry
      WHERE user_id = u AND number > new_first AND appended_at >= age - max_age ORDER BY number LIMIT 1;
    new_first := coalesce(new_first, log.count + 1);
  END IF;
  IF new_first > log.first THEN
    DELETE FROM entry WHERE user_id = u AND number >= log.first AND number < new_first;
  END IF;
  UPDATE slot SET count = log.count, last = log.last, first = new_first, last_at = at WHERE user_id = u;
  RETURN ids;
END $$;`;

const DECISIONS = `
CREATE OR REPLACE FUNCTION recall_1(u text, c text, at_n bigint, age bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'd', coalesce((SELECT decided FROM client WHERE user_id = u AND client_id = c AND touched_at >= age - ${MARK_AGE_MS}), 0),
    's', (SELECT jsonb_build_array(n, key, rejected, publications) FROM decision
      WHERE user_id = u AND client_id = c AND n = at_n AND EXISTS
        (SELECT FROM client WHERE user_id = u AND client_id = c AND touched_at >= age - ${MARK_AGE_MS})))
$$;
CREATE OR REPLACE FUNCTION unfanned_1(u text, c text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_array(n, key, rejected, publications, client_id) ORDER BY client_id, n), '[]')
  FROM decision WHERE user_id = u AND publications IS NOT NULL AND (c IS NULL OR client_id = c)
$$;
CREATE OR REPLACE FUNCTION decide_1(
  u text, c text, at_n bigint, with_key text, with_code text, to_tell text, seen bigint, age bigint
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  now_decided bigint;
  touched bigint;
BEGIN
  SELECT decided, touched_at INTO now_decided, touched FROM client WHERE user_id = u AND client_id = c;
  IF touched < age - ${MARK_AGE_MS} THEN
    DELETE FROM decision WHERE user_id = u AND client_id = c;
    now_decided := 0;
  END IF;
  IF coalesce(now_decided, 0) <> seen OR at_n <= seen THEN RETURN recall_1(u, c, at_n, age); END IF;
  INSERT INTO decision VALUES (u, c, at_n, with_key, with_code, to_tell);
  INSERT INTO client VALUES (u, c, at_n, age)
    ON CONFLICT (user_id, client_id) DO UPDATE SET decided = excluded.decided, touched_at = excluded.touched_at;
  DELETE FROM decision WHERE user_id = u AND client_id = c AND publications IS NULL AND n <=
    (SELECT n FROM decision WHERE user_id = u AND client_id = c ORDER BY n DESC OFFSET ${KEPT_DECISIONS_COUNT} LIMIT 1);
  RETURN '{"given": true}';
END $$;`;

const READ = `
CREATE OR REPLACE FUNCTION read_1(u text, after text, after_number bigint, most bigint, age bigint, max_age bigint)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  log slot%ROWTYPE;
BEGIN
  SELECT * INTO log FROM slot WHERE user_id = u;
  IF after = coalesce(log.last, '0') THEN RETURN '{"rows": []}'; END IF;
  RETURN (SELECT jsonb_build_object('rows', jsonb_agg(jsonb_build_array(id, prev, text) ORDER BY number)) FROM (
    SELECT * FROM entry WHERE user_id = u AND number > after_number AND number >= log.first AND appended_at >= age - max_age
      ORDER BY number LIMIT most) AS found);
END $$;`;

/** `writes`: some of the calls do. Those of a user whose slot another transaction has come back undone, as null. */
const RUN = `
CREATE OR REPLACE FUNCTION run_1(calls jsonb, max_count bigint, max_age bigint, writes boolean)
RETURNS SETOF jsonb LANGUAGE plpgsql SET lock_timeout = '1s' PATH AS $$
DECLARE
  users text[];
  known text[];
  ours jsonb := '{}';
  c jsonb;
  u text;
  age bigint;
  decided_n bigint;
BEGIN
  IF writes THEN
    SELECT array_agg(DISTINCT value ->> 'u') INTO users FROM jsonb_array_elements(calls);
    SELECT coalesce(jsonb_object_agg(user_id, true), '{}') INTO ours FROM
      (SELECT user_id FROM slot WHERE user_id = ANY (users) ORDER BY user_id FOR UPDATE SKIP LOCKED) AS free;
    IF (SELECT count(*) FROM jsonb_object_keys(ours)) < cardinality(users) THEN
      SELECT coalesce(array_agg(user_id), '{}') INTO known FROM slot WHERE user_id = ANY (users);
      WITH made AS (
        INSERT INTO slot (user_id) SELECT name FROM unnest(users) AS name WHERE name <> ALL (known) ORDER BY 1
          ON CONFLICT DO NOTHING RETURNING user_id)
      SELECT ours || coalesce(jsonb_object_agg(user_id, true), '{}') INTO ours FROM made;
    END IF;
  END IF;
  FOR c IN SELECT value FROM jsonb_array_elements(calls) LOOP
    u := c ->> 'u';
    age := (c ->> 'g')::bigint;
    IF writes AND NOT ours ? u THEN
      RETURN NEXT NULL;
      CONTINUE;
    END IF;
    CASE c ->> 'o'
    WHEN 'append' THEN
      RETURN NEXT append_1(u, c -> 't', c -> 'x', c ->> 'm', (c ->> 'n')::bigint, age, max_count, max_age);
    WHEN 'readAfter' THEN
      RETURN NEXT read_1(u, c ->> 'p', (c ->> 'n')::bigint, (c ->> 'l')::bigint, age, max_age);
    WHEN 'last' THEN
      RETURN NEXT to_jsonb(coalesce((SELECT last FROM slot WHERE user_id = u), '0'));
    WHEN 'decide' THEN
      RETURN NEXT decide_1(u, c ->> 'c', (c ->> 'n')::bigint, c ->> 'k', c ->> 'r', c ->> 't', (c ->> 's')::bigint, age);
    WHEN 'recall' THEN
      RETURN NEXT recall_1(u, c ->> 'c', (c ->> 'n')::bigint, age);
    WHEN 'fanned' THEN
      UPDATE decision SET publications = NULL
        WHERE user_id = u AND client_id = c ->> 'c' AND n = (c ->> 'n')::bigint AND publications IS NOT NULL;
      SELECT decided INTO decided_n FROM client WHERE user_id = u AND client_id = c ->> 'c';
      RETURN NEXT to_jsonb(coalesce(decided_n, 0));
    WHEN 'resumeCommands' THEN
      DELETE FROM decision WHERE user_id = u AND client_id = c ->> 'c' AND n < (c ->> 'n')::bigint AND publications IS NULL;
      RETURN NEXT jsonb_build_object(
        'd', recall_1(u, c ->> 'c', 0, age) -> 'd',
        'l', unfanned_1(u, c ->> 'c'));
    WHEN 'unfanned' THEN
      RETURN NEXT unfanned_1(u, NULL);
    END CASE;
  END LOOP;
END $$;`;

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

/** What is called from outside looks names up in the schema, whatever the caller's path is; what that calls does so too. */
export const functionsIn = (quotedSchema: string): string =>
  [APPEND, DECISIONS, READ, RUN, PUBLISH, FORGET, NODES]
    .join('\n')
    .replaceAll(' PATH AS', ` SET search_path = ${quotedSchema}, pg_catalog, pg_temp AS`);
