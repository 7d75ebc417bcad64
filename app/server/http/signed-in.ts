import type { MiddlewareHandler } from 'hono';
import { findSession, sessionOfToken } from '../accounts/sessions.ts';
import type { Database } from '../database/open-database.ts';
import type { RequestTurns } from '../limits/request-turns.ts';
import { Refusal } from '../refusal.ts';

/** What the routes behind {@link requireSession} know of their caller. */
export interface SignedIn {
  Variables: { userId: string; token: string };
}

const BEARER = /^Bearer ([\w-]{1,128})$/;

/** Lets a request through when it carries a valid access token and it is its turn; refuses it with 401, or 429, otherwise. */
export const requireSession =
  (db: Database, turns: RequestTurns): MiddlewareHandler<SignedIn> =>
  async (context, next) => {
    const token = BEARER.exec(context.req.header('authorization') ?? '')?.[1];
    const session = token === undefined ? null : await findSession(db, sessionOfToken(token));
    if (token === undefined || session === null) throw new Refusal('unauthenticated', 'Please sign in.');
    context.set('userId', session.userId);
    context.set('token', token);
    await turns.run(session.userId, next);
  };
