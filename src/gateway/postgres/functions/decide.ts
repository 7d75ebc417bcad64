import { KEPT_CLIENTS_COUNT, KEPT_DECISIONS_COUNT, MARK_AGE_MS } from '../../engine/retention.ts';

/** One call about decisions. As PL/pgSQL, whose statements are planned once: a function in SQL is planned at each call. */
export const DECISIONS = `
CREATE OR REPLACE FUNCTION recall_1(u text, c text, at_n bigint, age bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN RETURN (SELECT jsonb_build_object(
    'd', coalesce((SELECT decided FROM client WHERE user_id = u AND client_id = c AND touched_at >= age - ${MARK_AGE_MS}), 0),
    's', (SELECT jsonb_build_array(n, key, rejected, publications) FROM decision
      WHERE user_id = u AND client_id = c AND n = at_n AND EXISTS
        (SELECT FROM client WHERE user_id = u AND client_id = c AND touched_at >= age - ${MARK_AGE_MS}))));
END $$;
CREATE OR REPLACE FUNCTION unfanned_1(u text, c text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN RETURN (SELECT coalesce(jsonb_agg(jsonb_build_array(n, key, rejected, publications, client_id) ORDER BY client_id, n), '[]')
  FROM decision WHERE user_id = u AND publications IS NOT NULL AND (c IS NULL OR client_id = c));
END $$;
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
  -- One that has none: one look per client of the user that has decisions.
  IF NOT EXISTS (SELECT FROM decision WHERE user_id = u AND client_id = c) THEN
    WITH RECURSIVE page (id) AS (
      SELECT min(client_id COLLATE "C") FROM decision WHERE user_id = u
      UNION ALL
      SELECT (SELECT min(client_id COLLATE "C") FROM decision WHERE user_id = u AND client_id > id) FROM page WHERE id IS NOT NULL)
    DELETE FROM decision WHERE ctid = ANY (ARRAY(
      SELECT gone.ctid FROM (
        SELECT id FROM page, LATERAL (SELECT touched_at FROM client WHERE user_id = u AND client_id = id OFFSET 0) AS known
          WHERE id <> c ORDER BY touched_at DESC OFFSET ${KEPT_CLIENTS_COUNT - 1}) AS others,
        LATERAL (SELECT ctid FROM decision WHERE user_id = u AND client_id = id AND publications IS NULL OFFSET 0) AS gone));
  END IF;
  INSERT INTO decision VALUES (u, c, at_n, with_key, with_code, to_tell);
  INSERT INTO client VALUES (u, c, at_n, age)
    ON CONFLICT (user_id, client_id) DO UPDATE SET decided = excluded.decided, touched_at = excluded.touched_at;
  DELETE FROM decision WHERE user_id = u AND client_id = c AND publications IS NULL AND n <=
    (SELECT n FROM decision WHERE user_id = u AND client_id = c ORDER BY n DESC OFFSET ${KEPT_DECISIONS_COUNT} LIMIT 1);
  RETURN '{"given": true}';
END $$;`;

/**
 * One decision for each of these users, as one statement: those that are stored as given, which all are but repeats, those that have
 * seen something else, and the first of a client of which none is kept. It says nothing of the others.
 */
export const DECIDES = `
CREATE OR REPLACE FUNCTION decides_1(calls jsonb, kinds jsonb)
RETURNS TABLE (place bigint, result jsonb) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH given AS MATERIALIZED (
    SELECT ord, c ->> 'u' AS u, c ->> 'c' AS page, (c ->> 'n')::bigint AS at_n, c ->> 'k' AS with_key, c ->> 'r' AS code,
      c ->> 't' AS to_tell, (c ->> 's')::bigint AS seen, (c ->> 'g')::bigint AS age
    FROM jsonb_array_elements(calls) WITH ORDINALITY AS a (c, ord) WHERE kinds ->> (c ->> 'u') = 'decide'
  ), fresh AS MATERIALIZED (
    SELECT given.* FROM given, LATERAL (
      SELECT decided, touched_at FROM client WHERE user_id = u AND client_id = page OFFSET 0) AS known
    WHERE at_n > seen AND decided = seen AND touched_at >= age - ${MARK_AGE_MS}
      AND EXISTS (SELECT FROM decision WHERE user_id = u AND client_id = page)
  ), kept AS (
    INSERT INTO decision SELECT u, page, at_n, with_key, code, to_tell FROM fresh
  ), moved AS (
    INSERT INTO client SELECT u, page, at_n, age FROM fresh
      ON CONFLICT (user_id, client_id) DO UPDATE SET decided = excluded.decided, touched_at = excluded.touched_at
  )
  SELECT ord, '{"given": true}'::jsonb FROM fresh;

  DELETE FROM decision WHERE ctid = ANY (ARRAY(
    SELECT gone.ctid FROM (SELECT c ->> 'u' AS u, c ->> 'c' AS page FROM jsonb_array_elements(calls) AS a (c)
      WHERE kinds ->> (c ->> 'u') = 'decide') AS given, LATERAL (
      SELECT ctid FROM decision WHERE user_id = u AND client_id = page AND publications IS NULL AND n <=
        (SELECT n FROM decision WHERE user_id = u AND client_id = page
          ORDER BY n DESC OFFSET ${KEPT_DECISIONS_COUNT} LIMIT 1) OFFSET 0) AS gone));
END $$;`;

/** One that is told, for each of these users. */
export const FANNED = `
CREATE OR REPLACE FUNCTION fanned_1(calls jsonb, kinds jsonb)
RETURNS TABLE (place bigint, result jsonb) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  UPDATE decision SET publications = NULL WHERE ctid = ANY (ARRAY(
    SELECT told.ctid FROM (SELECT c ->> 'u' AS u, c ->> 'c' AS page, (c ->> 'n')::bigint AS at_n
      FROM jsonb_array_elements(calls) AS a (c) WHERE kinds ->> (c ->> 'u') = 'fanned') AS given, LATERAL (
      SELECT ctid FROM decision WHERE user_id = u AND client_id = page AND n = at_n AND publications IS NOT NULL
        OFFSET 0) AS told));
  RETURN QUERY SELECT ord, to_jsonb(coalesce(
      (SELECT decided FROM client WHERE user_id = c ->> 'u' AND client_id = c ->> 'c'), 0))
    FROM jsonb_array_elements(calls) WITH ORDINALITY AS a (c, ord) WHERE kinds ->> (c ->> 'u') = 'fanned';
END $$;`;
