import type { Passwords } from './accounts/passwords.ts';
import { addUser, findUserByEmail } from './accounts/users.ts';
import type { Database } from './database/open-database.ts';
import { inTransaction } from './database/transactions.ts';
import { createGroup } from './groups/groups.ts';
import { acceptInvitation, invite } from './groups/invitations.ts';
import { storeDraw } from './groups/raffle.ts';

export const DEMO_PASSWORD = 'demo-secret';
const DEMO_DOMAIN = '@demo.test';
const addressOf = (name: string): string => `${name.toLowerCase()}${DEMO_DOMAIN}`;

/**
 * Whether an address is one of the demo users'. Nobody can sign up with one: the server would take them for a demo user, let
 * only its own computer in at the next start, and print their password.
 */
export const isDemoAddress = (email: string): boolean => email.endsWith(DEMO_DOMAIN);

/** Two demo users who can chat at once: the giver is the recipient's Secret Santa in a group that is drawn. */
export const DEMO_PAIR = {
  giver: { name: 'Ada', email: addressOf('Ada') },
  recipient: { name: 'Ben', email: addressOf('Ben') },
  groupName: 'Office party',
} as const;

const makeDemoData = async (db: Database, passwordHash: string): Promise<void> => {
  const signUp = (name: string) => addUser(db, { name, email: addressOf(name), passwordHash });
  const [ada, ben, cleo, dan] = await Promise.all([
    signUp('Ada'),
    signUp('Ben'),
    signUp('Cleo'),
    signUp('Dan'),
  ]);
  const groupOf = async (name: string, others: readonly { id: string; email: string }[]): Promise<string> => {
    const { id } = await createGroup(db, ada.id, name);
    for (const other of others)
      await acceptInvitation(db, other.id, (await invite(db, ada.id, id, other.email)).id);
    return id;
  };
  const office = await groupOf(DEMO_PAIR.groupName, [ben, cleo, dan]);
  // Not drawn by chance: the text at the start names this pair.
  await storeDraw(db, office, [
    { giverId: ada.id, recipientId: ben.id },
    { giverId: ben.id, recipientId: cleo.id },
    { giverId: cleo.id, recipientId: dan.id },
    { giverId: dan.id, recipientId: ada.id },
  ]);
  // A raffle to try: Ada may draw it now, and Ben has an invitation to answer.
  const bookClub = await groupOf('Book club', [cleo, dan]);
  await invite(db, ada.id, bookClub, ben.email);
};

const isEmpty = async (db: Database): Promise<boolean> =>
  (await db.selectFrom('users').select('id').limit(1).executeTakeFirst()) === undefined;

/** Fills a database that has no users with four people and two groups. Of servers that start at once one does. */
export const ensureDemoData = async (db: Database, passwords: Passwords): Promise<void> => {
  if (!(await isEmpty(db))) return;
  const passwordHash = await passwords.hash(DEMO_PASSWORD, 'this server');
  await inTransaction(db, ['demo users'], async (transaction) => {
    if (await isEmpty(transaction)) await makeDemoData(transaction, passwordHash);
  });
};

export const areDemoUsersThere = async (db: Database): Promise<boolean> =>
  (await findUserByEmail(db, DEMO_PAIR.giver.email)) !== undefined;
