import { randomBytes } from 'node:crypto';

/** How long a ticket waits to be dialled with. */
export const TICKET_LIFETIME_MS = 30_000;
/**
 * How long a used one is remembered after the gateway last asked: at least twice its longest heartbeat, so that a socket
 * that lives is never forgotten.
 */
export const REMEMBERED_MS = 120_000;
/** How many tickets of one session wait at once; one more makes the oldest worthless. */
export const MAX_WAITING_COUNT = 16;
export const TICKET_BYTES = 32;

interface Ticket {
  readonly session: string;
  readonly isUsed: boolean;
  readonly endsAtMs: number;
}

/**
 * What a socket is dialled with instead of the access token: proxies and servers log URLs, and a token in one is good for
 * 30 days. A ticket is good for 30 s and one socket. It stands for a session, by the session's name (its hash), and says
 * nothing of whether that is still valid: whoever takes it looks.
 *
 * `createTickets` keeps them in memory, for a server that is alone: after a restart a client asks for a new one.
 */
export interface Tickets {
  issue(session: string): { readonly ticket: string; readonly expiresInMs: number };
  /** Spends a ticket. Returns its session, or null where it is unknown, spent or too old. */
  spend(ticket: string): string | null;
  /** The session that a spent ticket was for. To be asked again and again while its socket lives. */
  sessionOf(ticket: string): string | null;
  /** How many are remembered: those that are too old go when the next one is issued. */
  readonly count: number;
}

export const createTickets = (now: () => number = () => performance.now()): Tickets => {
  /** The one that is asked for least recently first. */
  const tickets = new Map<string, Ticket>();
  const keep = (ticket: string, entry: Ticket) => {
    tickets.delete(ticket);
    tickets.set(ticket, entry);
  };
  const find = (ticket: string, isUsed: boolean): Ticket | null => {
    const found = tickets.get(ticket);
    return found !== undefined && found.isUsed === isUsed && found.endsAtMs > now() ? found : null;
  };
  return {
    issue(session) {
      const waiting: string[] = [];
      for (const [ticket, entry] of tickets) {
        if (entry.endsAtMs <= now()) tickets.delete(ticket);
        else if (entry.session === session && !entry.isUsed) waiting.push(ticket);
      }
      const [oldest] = waiting;
      if (oldest !== undefined && waiting.length >= MAX_WAITING_COUNT) tickets.delete(oldest);
      const ticket = randomBytes(TICKET_BYTES).toString('base64url');
      keep(ticket, { session, isUsed: false, endsAtMs: now() + TICKET_LIFETIME_MS });
      return { ticket, expiresInMs: TICKET_LIFETIME_MS };
    },
    spend(ticket) {
      const found = find(ticket, false);
      if (found === null) return null;
      keep(ticket, { ...found, isUsed: true, endsAtMs: now() + REMEMBERED_MS });
      return found.session;
    },
    sessionOf(ticket) {
      const found = find(ticket, true);
      if (found === null) return null;
      keep(ticket, { ...found, endsAtMs: now() + REMEMBERED_MS });
      return found.session;
    },
    get count() {
      return tickets.size;
    },
  };
};
