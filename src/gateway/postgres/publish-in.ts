import { setTimeout as sleep } from 'node:timers/promises';
import type { WireMessage } from '../../protocol/message.ts';
import { outboxMark } from '../commands/marks.ts';
import type { Origin } from '../engine/decisions.ts';
import { toStored } from '../engine/stored-text.ts';
import { publishedText } from '../wire/outgoing-text.ts';
import type { QueryClient } from './options.ts';
import type { Requests } from './requests.ts';

/** How soon, and how often at most, it is looked whether a transaction has been committed, in ms, and for how long. */
const FIRST_LOOK_MS = 10;
const MAX_LOOK_MS = 500;
const LOOKING_MS = 60_000;

/** What was published inside a transaction of the app's. */
export interface PublishedIn {
  /**
   * Rings at once: to be called when the transaction is committed. Without it the engine looks whether it is, some 10
   * ms later and more and more rarely, for a minute; after that the message waits for a heartbeat.
   */
  ring(): void;
}

/** Publishes inside transactions that are not the engine's. */
export const createPublisher = (options: {
  readonly requests: Requests;
  readonly quoted: string;
  readonly suffix: () => string;
  readonly maxCount: number;
  readonly maxAgeMs: number;
  /** The age clock, now. */
  readonly ageNow: () => number;
  readonly ring: (userIds: readonly string[]) => void;
}) => {
  const { requests, quoted, suffix, maxCount, maxAgeMs, ageNow, ring } = options;
  /** By the id of their transaction: whom it has told something. */
  const open = new Map<string, { readonly users: Set<string>; readonly untilMs: number }>();
  let isLooking = false;

  const end = (xid: string, isCommitted: boolean) => {
    const one = open.get(xid);
    open.delete(xid);
    if (isCommitted && one !== undefined) ring([...one.users]);
  };
  const look = async () => {
    for (let ms = FIRST_LOOK_MS; open.size > 0; ms = Math.min(ms * 2, MAX_LOOK_MS)) {
      await sleep(ms, undefined, { ref: false });
      if (open.size === 0) break;
      try {
        const rows = await requests.send(
          'SELECT xid, pg_xact_status(xid::xid8) AS status FROM unnest($1::text[]) AS asked (xid)',
          [[...open.keys()]],
        );
        for (const { xid, status } of rows)
          if (status !== 'in progress') end(String(xid), status === 'committed');
      } catch {
        // The next look asks again; a heartbeat does in any case.
      }
      for (const [xid, { untilMs }] of open) if (untilMs < performance.now()) open.delete(xid);
    }
    isLooking = false;
  };

  return async (
    client: QueryClient,
    userIds: readonly string[],
    message: WireMessage,
    origin?: Origin,
  ): Promise<PublishedIn> => {
    const text = publishedText(message);
    const mark = origin && outboxMark(origin);
    const users = [...new Set(userIds)];
    if (users.length === 0) return { ring() {} };
    try {
      // Outside of that transaction: a slot that is new in it would hold up whoever else makes the same one.
      await requests.send(
        `INSERT INTO ${quoted}.slot (user_id) SELECT name FROM unnest($1::text[]) AS name
         WHERE NOT EXISTS (SELECT FROM ${quoted}.slot WHERE user_id = name) ORDER BY 1 ON CONFLICT DO NOTHING`,
        [users.map(toStored)],
      );
    } catch {
      // Then it is made inside.
    }
    const { rows } = await client.query(
      `SELECT ${quoted}.publish_1($1::text[], $2, $3::text[], $4, $5, $6, $7, $8) AS xid`,
      [
        users.map(toStored),
        toStored(text),
        users.map(suffix),
        mark === undefined ? null : toStored(mark.origin),
        mark?.n ?? null,
        ageNow(),
        maxCount,
        maxAgeMs,
      ],
    );
    const xid = String(Reflect.get(rows[0] as object, 'xid'));
    const one = open.get(xid) ?? { users: new Set<string>(), untilMs: performance.now() + LOOKING_MS };
    for (const user of users) one.users.add(user);
    open.set(xid, one);
    if (!isLooking) {
      isLooking = true;
      void look();
    }
    return { ring: () => end(xid, true) };
  };
};
