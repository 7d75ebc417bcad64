import { randomUUID } from 'node:crypto';
import type { SignIn, SignUp, User } from '../../contract/http-api.ts';
import type { Database } from '../database/open-database.ts';
import { Refusal } from '../refusal.ts';
import type { Passwords } from './passwords.ts';

/** Makes an account with a password that is hashed already. Refuses with `conflict` when the address has one. */
export const addUser = async (
  db: Database,
  { name, email, passwordHash }: { name: string; email: string; passwordHash: string },
): Promise<User> => {
  const user = { id: randomUUID(), name, email };
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('users')
    .values({ ...user, passwordHash, createdAt: Date.now() })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) {
    throw new Refusal('conflict', 'This e-mail address already has an account.');
  }
  return user;
};

export const createUser = async (
  db: Database,
  passwords: Passwords,
  { name, email, password }: SignUp,
  address: string,
): Promise<User> => addUser(db, { name, email, passwordHash: await passwords.hash(password, address) });

/** Refuses a wrong password and an unknown address with the same words, after the same work. */
export const authenticateUser = async (
  db: Database,
  passwords: Passwords,
  { email, password }: SignIn,
  address: string,
): Promise<User> => {
  const found = await db.selectFrom('users').selectAll().where('email', '=', email).executeTakeFirst();
  const isRight = await passwords.verify(password, found?.passwordHash, address);
  if (found === undefined || !isRight) {
    throw new Refusal('unauthenticated', 'The e-mail address or the password is wrong.');
  }
  return { id: found.id, name: found.name, email: found.email };
};

export const getUser = async (db: Database, userId: string): Promise<User> =>
  db.selectFrom('users').select(['id', 'name', 'email']).where('id', '=', userId).executeTakeFirstOrThrow();

export const findUserByEmail = async (db: Database, email: string): Promise<User | undefined> =>
  db.selectFrom('users').select(['id', 'name', 'email']).where('email', '=', email).executeTakeFirst();
