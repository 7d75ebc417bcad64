import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '../database/open-database.ts';

/** How long an access token is good for. @default 30 days */
const SESSION_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;
const TOKEN_BYTES = 32;

/** How many sessions one person has at once; one more ends the oldest. */
const MAX_OF_USER_COUNT = 100;

/** The name of a session: nobody signs in with it. */
export const sessionOfToken = (token: string): string =>
  createHash('sha256').update(token).digest('base64url');

/** Makes an access token of 256 random bits. Only its hash is kept, so a copy of the database signs nobody in. */
export const startSession = async (
  db: Database,
  userId: string,
): Promise<{ accessToken: string; expiresAt: number }> => {
  const accessToken = randomBytes(TOKEN_BYTES).toString('base64url');
  const now = Date.now();
  const expiresAt = now + SESSION_LIFETIME_MS;
  await db.deleteFrom('sessions').where('expiresAt', '<=', now).execute();
  await db
    .insertInto('sessions')
    .values({ tokenHash: sessionOfToken(accessToken), userId, expiresAt })
    .execute();
  const newest = db
    .selectFrom('sessions')
    .select('tokenHash')
    .where('userId', '=', userId)
    .orderBy('expiresAt', 'desc')
    .limit(MAX_OF_USER_COUNT);
  await db.deleteFrom('sessions').where('userId', '=', userId).where('tokenHash', 'not in', newest).execute();
  return { accessToken, expiresAt };
};

/** Whose session this is, or null when it is unknown, revoked or expired. */
export const findSession = async (db: Database, session: string): Promise<{ userId: string } | null> => {
  const found = await db
    .selectFrom('sessions')
    .select('userId')
    .where('tokenHash', '=', session)
    .where('expiresAt', '>', Date.now())
    .executeTakeFirst();
  return found ?? null;
};

/** Revokes every token of this person. */
export const endAllSessions = async (db: Database, userId: string): Promise<void> => {
  await db.deleteFrom('sessions').where('userId', '=', userId).execute();
};

/** Revokes the token, and returns how many other valid ones its user has. */
export const endSession = async (
  db: Database,
  token: string,
  userId: string,
): Promise<{ othersCount: number }> => {
  await db.deleteFrom('sessions').where('tokenHash', '=', sessionOfToken(token)).execute();
  const { othersCount } = await db
    .selectFrom('sessions')
    .select((query) => query.fn.countAll<number>().as('othersCount'))
    .where('userId', '=', userId)
    .where('expiresAt', '>', Date.now())
    .executeTakeFirstOrThrow();
  return { othersCount };
};
