import { MARK_AGE_MS } from '../../engine/retention.ts';

/** One append, to a slot that this transaction has. */
/**
 * What runs inside the database. The names end in a version, so that servers of two versions may use one database
 * while they are exchanged: a function that has been released keeps its meaning.
 *
 * All of one request is one transaction. A call is an object: `o` says which it is, `u` the user, `g` the age clock when it was made.
 */
export const APPEND = `
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

/**
 * All appends to these users' slots, as one statement: the calls of one user in their order. A mark lets a call in when its number is
 * above the stored one and above all of its calls before. `OFFSET 0` keeps the look into a slot one by its key, whatever the
 * statistics say. What is too old is not read, and the background deletes it.
 */
export const APPENDS = `
CREATE OR REPLACE FUNCTION appends_1(calls jsonb, kinds jsonb, max_count bigint, max_age bigint)
RETURNS TABLE (place bigint, result jsonb) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH given AS MATERIALIZED (
    SELECT ord, c ->> 'u' AS u, c -> 't' AS texts, c -> 'x' AS suffixes,
      c ->> 'm' AS origin, (c ->> 'n')::bigint AS n, (c ->> 'g')::bigint AS age
    FROM jsonb_array_elements(calls) WITH ORDINALITY AS a (c, ord) WHERE kinds ->> (c ->> 'u') = 'append'
  ), judged AS MATERIALIZED (
    SELECT *, origin IS NULL OR n > coalesce(greatest(
      (SELECT m.n FROM mark AS m WHERE m.user_id = u AND m.origin = given.origin AND m.touched_at >= age - ${MARK_AGE_MS}),
      max(n) OVER (PARTITION BY u, origin ORDER BY ord ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)), n - 1) AS is_new
    FROM given
  ), marked AS (
    INSERT INTO mark SELECT u, origin, max(n), max(age) FROM judged WHERE is_new AND origin IS NOT NULL GROUP BY u, origin
      ON CONFLICT (user_id, origin) DO UPDATE SET n = excluded.n, touched_at = excluded.touched_at
  ), numbered AS (
    SELECT ord, u, age, line, head.*, count + row_number() OVER (PARTITION BY u ORDER BY ord, i) AS number,
      suffixes ->> (i::int - 1) AS suffix
    FROM judged, LATERAL jsonb_array_elements_text(texts) WITH ORDINALITY AS one (line, i),
      LATERAL (SELECT count, last, first, last_at FROM slot WHERE user_id = u OFFSET 0) AS head
    WHERE is_new
  ), lines AS MATERIALIZED (
    SELECT ord, u, number, first, line, number || '-' || suffix AS id,
      coalesce(lag(number || '-' || suffix) OVER w, last) AS prev, greatest(max(age) OVER w, last_at) AS at
    FROM numbered WINDOW w AS (PARTITION BY u ORDER BY number)
  ), written AS (
    INSERT INTO entry SELECT u, number, id, prev, line, at FROM lines
  ), moved AS (
    UPDATE slot SET count = number, last = id, first = greatest(newest.first, number - max_count + 1), last_at = at
      FROM (SELECT DISTINCT ON (u) u, number, id, first, at FROM lines ORDER BY u, number DESC) AS newest
      WHERE user_id = u
  )
  SELECT ord, CASE WHEN is_new THEN coalesce(ids, '[]') ELSE '"repeat"' END
  FROM judged LEFT JOIN (SELECT ord, jsonb_agg(id ORDER BY number) AS ids FROM lines GROUP BY ord) AS made USING (ord);

  DELETE FROM entry WHERE ctid = ANY (ARRAY(
    SELECT gone.ctid FROM jsonb_each_text(kinds) AS k (u, kind),
      LATERAL (SELECT first FROM slot WHERE user_id = u AND first > 1 OFFSET 0) AS head,
      LATERAL (SELECT ctid FROM entry WHERE user_id = u AND number < head.first OFFSET 0) AS gone
    WHERE kind = 'append'));
END $$;`;
