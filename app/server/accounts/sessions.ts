import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '../database/open-database.ts';

/** How long an access token is good for. @default 30 days */
const SESSION_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;
const TOKEN_BYTES = 32;

const hashToken = (token: string): string => createHash('sha256').update(token).digest('base64url');

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
    .values({ tokenHash: hashToken(accessToken), userId, expiresAt })
    .execute();
  return { accessToken, expiresAt };
};

/** Whose token this is, or null when it is unknown, revoked or expired. */
export const findSession = async (db: Database, token: string): Promise<{ userId: string } | null> => {
  const session = await db
    .selectFrom('sessions')
    .select('userId')
    .where('tokenHash', '=', hashToken(token))
    .where('expiresAt', '>', Date.now())
    .executeTakeFirst();
  return session ?? null;
};

/** Revokes the token, and answers how many other valid ones its user has. */
export const endSession = async (
  db: Database,
  token: string,
  userId: string,
): Promise<{ othersCount: number }> => {
  await db.deleteFrom('sessions').where('tokenHash', '=', hashToken(token)).execute();
  const { othersCount } = await db
    .selectFrom('sessions')
    .select((query) => query.fn.countAll<number>().as('othersCount'))
    .where('userId', '=', userId)
    .where('expiresAt', '>', Date.now())
    .executeTakeFirstOrThrow();
  return { othersCount };
};
