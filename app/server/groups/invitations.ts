import { randomUUID } from 'node:crypto';
import type { Invitation } from '../../contract/http-api.ts';
import { findUserByEmail, getUser } from '../accounts/users.ts';
import type { Database } from '../database/open-database.ts';
import { inTransaction } from '../database/transactions.ts';
import { requireRoomForGroup, requireRoomForInvitation } from '../limits/invitation-limits.ts';
import { notFound, Refusal } from '../refusal.ts';
import { requireMembership } from './groups.ts';

const invitationQuery = (db: Database) =>
  db
    .selectFrom('invitations')
    .innerJoin('groups', 'groups.id', 'invitations.groupId')
    .innerJoin('users', 'users.id', 'invitations.invitedBy')
    .select(['invitations.id', 'invitations.groupId', 'groups.name as groupName', 'users.name as invitedBy']);

/**
 * Invites an address into a group that is not drawn yet. Only the owner may. An address without an account is kept:
 * whoever signs up with it finds the invitation. Refuses what would be too much: `limits/invitation-limits.ts`.
 */
export const invite = async (
  db: Database,
  userId: string,
  groupId: string,
  email: string,
): Promise<Invitation> =>
  inTransaction(db, [`address ${email}`, `group ${groupId}`, `user ${userId}`], async (transaction) => {
    const group = await requireMembership(transaction, userId, groupId);
    if (group.ownerId !== userId) throw new Refusal('forbidden', 'Only the owner of the group may invite.');
    if (group.drawnAt !== null)
      throw new Refusal('conflict', 'The raffle is drawn: nobody can join any more.');
    const invited = await findUserByEmail(transaction, email);
    const member = await transaction
      .selectFrom('members')
      .select('userId')
      .where('groupId', '=', groupId)
      .where('userId', '=', invited?.id ?? '')
      .executeTakeFirst();
    if (member !== undefined) throw new Refusal('conflict', 'This person is in the group already.');
    const now = Date.now();
    await requireRoomForInvitation(transaction, { ownerId: userId, groupId, email }, now);
    const id = randomUUID();
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('invitations')
      .values({ id, groupId, email, invitedBy: userId, state: 'open', createdAt: now })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows === 0n) throw new Refusal('conflict', 'This address is invited already.');
    return invitationQuery(transaction).where('invitations.id', '=', id).executeTakeFirstOrThrow();
  });

export const listInvitations = async (db: Database, userId: string): Promise<Invitation[]> => {
  const { email } = await getUser(db, userId);
  return invitationQuery(db)
    .where('invitations.email', '=', email)
    .where('invitations.state', '=', 'open')
    .orderBy('invitations.createdAt')
    .execute();
};

/** The group of an open invitation of this user. Refuses as `settle`. */
const groupOf = async (db: Database, userId: string, invitationId: string): Promise<string> => {
  const { email } = await getUser(db, userId);
  const found = await db
    .selectFrom('invitations')
    .select('groupId')
    .where('id', '=', invitationId)
    .where('email', '=', email)
    .where('state', '=', 'open')
    .executeTakeFirst();
  if (found === undefined) throw notFound('invitation');
  return found.groupId;
};

/** Settles an open invitation of this user. Refuses with `not-found` when it is another's or was answered. */
const settle = async (db: Database, userId: string, invitationId: string, state: 'accepted' | 'declined') => {
  const { email } = await getUser(db, userId);
  const settled = await db
    .updateTable('invitations')
    .set({ state })
    .where('id', '=', invitationId)
    .where('email', '=', email)
    .where('state', '=', 'open')
    .returning('groupId')
    .executeTakeFirst();
  if (settled === undefined) throw notFound('invitation');
  return settled;
};

/** Joins the group. Returns its id. Refuses whoever is in as many groups as anybody can be; the invitation stays open. */
export const acceptInvitation = async (
  db: Database,
  userId: string,
  invitationId: string,
): Promise<string> => {
  const groupId = await groupOf(db, userId, invitationId);
  return inTransaction(db, [`group ${groupId}`, `user ${userId}`], async (transaction) => {
    await requireRoomForGroup(transaction, userId);
    await settle(transaction, userId, invitationId, 'accepted');
    await transaction.insertInto('members').values({ groupId, userId, joinedAt: Date.now() }).execute();
    return groupId;
  });
};

/** Returns the id of the group, which the user stays out of. */
export const declineInvitation = async (
  db: Database,
  userId: string,
  invitationId: string,
): Promise<string> => (await settle(db, userId, invitationId, 'declined')).groupId;
