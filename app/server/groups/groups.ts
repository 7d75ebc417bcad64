import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import { GROUPS_PAGE_COUNT, type Group } from '../../contract/http-api.ts';
import type { Database } from '../database/open-database.ts';
import type { Schema } from '../database/schema.ts';
import { inTransaction } from '../database/transactions.ts';
import { requireRateOfGroups, requireRoomForGroup } from '../limits/invitation-limits.ts';
import { notFound } from '../refusal.ts';

type GroupRow = Selectable<Schema['groups']>;

/** Makes a group of one. Refuses more than 40 an hour, and the 101st that a person is in. */
export const createGroup = async (db: Database, ownerId: string, name: string): Promise<Group> => {
  const id = randomUUID();
  const now = Date.now();
  await inTransaction(db, [`user ${ownerId}`], async (transaction) => {
    await requireRoomForGroup(transaction, ownerId);
    await requireRateOfGroups(transaction, ownerId, now);
    await transaction
      .insertInto('groups')
      .values({ id, name, ownerId, createdAt: now, drawnAt: null })
      .execute();
    await transaction.insertInto('members').values({ groupId: id, userId: ownerId, joinedAt: now }).execute();
  });
  return getGroup(db, ownerId, id);
};

/** The group's row, for a member. Anyone else is told that it does not exist. */
export const requireMembership = async (db: Database, userId: string, groupId: string) => {
  const group = await db
    .selectFrom('groups')
    .innerJoin('members', 'members.groupId', 'groups.id')
    .selectAll('groups')
    .where('groups.id', '=', groupId)
    .where('members.userId', '=', userId)
    .executeTakeFirst();
  if (group === undefined) throw notFound('group');
  return group;
};

export const memberIds = async (db: Database, groupId: string): Promise<string[]> => {
  const rows = await db.selectFrom('members').select('userId').where('groupId', '=', groupId).execute();
  return rows.map(({ userId }) => userId);
};

/** Rows of groups as this member may see them: three questions to the database, however many groups. */
const groupsFor = async (db: Database, userId: string, rows: readonly GroupRow[]): Promise<Group[]> => {
  const ids = rows.map(({ id }) => id);
  const members = await db
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.userId')
    .select(['members.groupId', 'members.userId', 'users.name'])
    .where('members.groupId', 'in', ids)
    .orderBy('users.name')
    .orderBy('users.id')
    .execute();
  const owned = rows.filter(({ ownerId }) => ownerId === userId).map(({ id }) => id);
  const invited = await db
    .selectFrom('invitations')
    .select(['groupId', 'email'])
    .where('groupId', 'in', owned)
    .where('state', '=', 'open')
    .orderBy('createdAt')
    .execute();
  return rows.map(({ id, name, ownerId, drawnAt }) => ({
    id,
    name,
    ownerId,
    members: members
      .filter(({ groupId }) => groupId === id)
      .map((member) => ({ userId: member.userId, name: member.name })),
    invited: invited.filter(({ groupId }) => groupId === id).map(({ email }) => email),
    drawnAt,
  }));
};

/** A group as this member may see it. */
export const getGroup = async (db: Database, userId: string, groupId: string): Promise<Group> => {
  const row = await requireMembership(db, userId, groupId);
  const [group] = await groupsFor(db, userId, [row]);
  if (group === undefined) throw notFound('group');
  return group;
};

/**
 * A page of the user's groups, the oldest first: those that come after a group of theirs, or the first ones. With all
 * members of a hundred groups in one response, one account could hold up everybody.
 */
export const listGroups = async (db: Database, userId: string, after?: string): Promise<Group[]> => {
  let query = db
    .selectFrom('members')
    .innerJoin('groups', 'groups.id', 'members.groupId')
    .selectAll('groups')
    .where('members.userId', '=', userId)
    .orderBy('groups.createdAt')
    .orderBy('groups.id')
    .limit(GROUPS_PAGE_COUNT);
  if (after !== undefined) {
    const { createdAt, id } = await requireMembership(db, userId, after);
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('groups.createdAt', 'groups.id'), '>', tuple(createdAt, id)),
    );
  }
  return groupsFor(db, userId, await query.execute());
};
