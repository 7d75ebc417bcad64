import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.ts';
import type { Waitable } from '../limits/waitable.ts';
import {
  MAX_WAITING_COUNT,
  REMEMBERED_MS,
  TICKET_BYTES,
  TICKET_LIFETIME_MS,
  type Tickets,
} from './tickets.ts';

/** The time by the database's clock, which all servers have in common. */
const now = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;
const SWEPT_COUNT = 100;

const hashOf = (ticket: string): string => createHash('sha256').update(ticket).digest('base64url');

/** The tickets that sockets of this server were dialled with. */
const createUsedTickets = (nowMs: () => number) => {
  /** The one that is asked for least recently first. */
  const used = new Map<string, { readonly session: string; readonly endsAtMs: number }>();
  const keep = (ticket: string, session: string) => {
    used.delete(ticket);
    used.set(ticket, { session, endsAtMs: nowMs() + REMEMBERED_MS });
  };
  return {
    add(ticket: string, session: string) {
      for (const [oldest, { endsAtMs }] of used) {
        if (endsAtMs > nowMs()) break;
        used.delete(oldest);
      }
      keep(ticket, session);
    },
    sessionOf(ticket: string): string | null {
      const found = used.get(ticket);
      if (found === undefined || found.endsAtMs <= nowMs()) return null;
      keep(ticket, found.session);
      return found.session;
    },
  };
};

/**
 * Tickets of several servers on one Postgres: a page has its ticket from one, and dials another. The table has the hashes of
 * those that wait, so a copy of it opens no socket. What is spent is known to the server that has the socket, and to no other.
 */
export const createSharedTickets = (
  db: Database,
  nowMs: () => number = () => performance.now(),
): Waitable<Pick<Tickets, 'issue' | 'spend' | 'sessionOf'>> => {
  const used = createUsedTickets(nowMs);
  return {
    async issue(session) {
      const ticket = randomBytes(TICKET_BYTES).toString('base64url');
      await sql`delete from tickets where "ticketHash" in (select "ticketHash" from tickets where "endsAt" <= ${now}
        order by "endsAt" limit ${SWEPT_COUNT} for update skip locked)`.execute(db);
      await sql`delete from tickets where "ticketHash" in (select "ticketHash" from tickets
        where session = ${session} order by "endsAt" desc offset ${MAX_WAITING_COUNT - 1} for update skip locked)`.execute(
        db,
      );
      await sql`insert into tickets ("ticketHash", session, "endsAt")
        values (${hashOf(ticket)}, ${session}, ${now} + ${TICKET_LIFETIME_MS}::bigint)`.execute(db);
      return { ticket, expiresInMs: TICKET_LIFETIME_MS };
    },
    async spend(ticket) {
      const { rows } = await sql<{ session: string; isInTime: boolean }>`delete from tickets
        where "ticketHash" = ${hashOf(ticket)} returning session, "endsAt" > ${now} as "isInTime"`.execute(
        db,
      );
      const [found] = rows;
      if (found === undefined || !found.isInTime) return null;
      used.add(ticket, found.session);
      return found.session;
    },
    sessionOf: (ticket) => used.sessionOf(ticket),
  };
};
