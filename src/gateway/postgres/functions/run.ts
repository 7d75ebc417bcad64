/** All reads of a request, as one statement. What is looked up for each is only what its kind needs. */
export const READS = `
CREATE OR REPLACE FUNCTION reads_1(calls jsonb, max_age bigint) RETURNS SETOF jsonb LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH given AS (
    SELECT ord, c ->> 'o' AS o, c ->> 'u' AS u, c ->> 'p' AS after, c ->> 'c' AS page, (c ->> 'n')::bigint AS at_n,
      (c ->> 'l')::bigint AS most, (c ->> 'g')::bigint AS age
    FROM jsonb_array_elements(calls) WITH ORDINALITY AS a (c, ord))
  SELECT CASE o
    WHEN 'readAfter' THEN
      CASE WHEN after = coalesce((SELECT last FROM slot WHERE user_id = u), '0') THEN '{"rows": []}' ELSE
        jsonb_build_object('rows', (
          SELECT jsonb_agg(jsonb_build_array(id, prev, text) ORDER BY number) FROM (
            SELECT * FROM entry WHERE user_id = u AND number > at_n AND number >= (SELECT first FROM slot WHERE user_id = u)
              AND appended_at >= age - max_age ORDER BY number LIMIT most) AS found)) END
    WHEN 'last' THEN to_jsonb(coalesce((SELECT last FROM slot WHERE user_id = u), '0'))
    WHEN 'recall' THEN recall_1(u, page, at_n, age)
    WHEN 'unfanned' THEN
      (SELECT coalesce(jsonb_agg(jsonb_build_array(n, key, rejected, publications, client_id) ORDER BY client_id, n), '[]')
        FROM decision WHERE user_id = u AND publications IS NOT NULL)
  END FROM given ORDER BY ord;
END $$;`;

/** From so many calls on it is cheaper to sort them and to do those of a kind together. */
const FEWEST_TOGETHER_COUNT = 4;

/**
 * `writes`: some of the calls do. Those of a user whose slot another transaction has come back undone, as null.
 *
 * Users are sorted by what is asked of their slots. Those to which only is appended, and those of whom one thing alone is asked, are
 * done together, a statement or two for each kind. What is left is done call by call.
 *
 * It looks rows up by their keys whatever statistics say: they may be of a table that was empty a moment ago. A bitmap scan is
 * never the better way: it reads dead rows again and again, where an index scan marks them as dead once.
 */
export const RUN = `
CREATE OR REPLACE FUNCTION run_1(calls jsonb, max_count bigint, max_age bigint, writes boolean)
RETURNS SETOF jsonb LANGUAGE plpgsql
SET lock_timeout = '1s' SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan PATH AS $$
DECLARE
  users text[];
  known text[];
  ours jsonb := '{}';
  kinds jsonb;
  results jsonb[];
  done record;
  c jsonb;
  u text;
  age bigint;
BEGIN
  IF NOT writes THEN
    RETURN QUERY SELECT * FROM reads_1(calls, max_age);
    RETURN;
  END IF;
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

  IF jsonb_array_length(calls) >= ${FEWEST_TOGETHER_COUNT} THEN
    SELECT jsonb_object_agg(name, kind) INTO kinds FROM (
      SELECT value ->> 'u' AS name, CASE
        WHEN bool_and(value ->> 'o' = 'append') THEN 'append'
        WHEN count(*) = 1 AND min(value ->> 'o') IN ('decide', 'fanned') THEN min(value ->> 'o')
        ELSE 'mixed' END AS kind
      FROM jsonb_array_elements(calls) GROUP BY 1) AS sorted
    WHERE ours ? name;
    IF kinds @? '$.* ? (@ == "append")' THEN
      FOR done IN SELECT * FROM appends_1(calls, kinds, max_count, max_age) LOOP results[done.place] := done.result; END LOOP;
    END IF;
    IF kinds @? '$.* ? (@ == "decide")' THEN
      FOR done IN SELECT * FROM decides_1(calls, kinds) LOOP results[done.place] := done.result; END LOOP;
    END IF;
    IF kinds @? '$.* ? (@ == "fanned")' THEN
      FOR done IN SELECT * FROM fanned_1(calls, kinds) LOOP results[done.place] := done.result; END LOOP;
    END IF;
  END IF;

  FOR i IN 1 .. jsonb_array_length(calls) LOOP
    IF results[i] IS NOT NULL THEN
      RETURN NEXT results[i];
      CONTINUE;
    END IF;
    c := calls -> (i - 1);
    u := c ->> 'u';
    IF NOT ours ? u THEN
      RETURN NEXT NULL;
      CONTINUE;
    END IF;
    age := (c ->> 'g')::bigint;
    CASE c ->> 'o'
    WHEN 'append' THEN
      RETURN NEXT append_1(u, c -> 't', c -> 'x', c ->> 'm', (c ->> 'n')::bigint, age, max_count, max_age);
    WHEN 'decide' THEN
      RETURN NEXT decide_1(u, c ->> 'c', (c ->> 'n')::bigint, c ->> 'k', c ->> 'r', c ->> 't', (c ->> 's')::bigint, age);
    WHEN 'fanned' THEN
      RETURN NEXT (SELECT result FROM fanned_1(jsonb_build_array(c), jsonb_build_object(u, 'fanned')));
    WHEN 'resumeCommands' THEN
      DELETE FROM decision WHERE user_id = u AND client_id = c ->> 'c' AND n < (c ->> 'n')::bigint AND publications IS NULL;
      RETURN NEXT jsonb_build_object(
        'd', recall_1(u, c ->> 'c', 0, age) -> 'd',
        'l', unfanned_1(u, c ->> 'c'));
    ELSE
      RETURN QUERY SELECT * FROM reads_1(jsonb_build_array(c), max_age);
    END CASE;
  END LOOP;
END $$;`;
