import { randomUUID } from 'node:crypto';
import type { Group } from '../../contract/http-api.ts';
import type { Database } from '../database/open-database.ts';
import { requireRateOfGroups, requireRoomForGroup } from '../limits/invitation-limits.ts';
import { notFound } from '../refusal.ts';

/** Makes a group of one. Refuses more than 40 an hour, and the 101st that a person is in. */
export const createGroup = async (db: Database, ownerId: string, name: string): Promise<Group> => {
  const id = randomUUID();
  const now = Date.now();
  await db.transaction().execute(async (transaction) => {
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

/** A group as this member may see it. */
export const getGroup = async (db: Database, userId: string, groupId: string): Promise<Group> => {
  const { id, name, ownerId, drawnAt } = await requireMembership(db, userId, groupId);
  const members = await db
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.userId')
    .select(['members.userId', 'users.name'])
    .where('members.groupId', '=', groupId)
    .orderBy('users.name')
    .orderBy('users.id')
    .execute();
  const invited = await db
    .selectFrom('invitations')
    .select('email')
    .where('groupId', '=', groupId)
    .where('state', '=', 'open')
    .orderBy('createdAt')
    .execute();
  return {
    id,
    name,
    ownerId,
    members,
    invited: userId === ownerId ? invited.map(({ email }) => email) : [],
    drawnAt,
  };
};

export const listGroups = async (db: Database, userId: string): Promise<Group[]> => {
  const rows = await db
    .selectFrom('members')
    .innerJoin('groups', 'groups.id', 'members.groupId')
    .select('groups.id')
    .where('members.userId', '=', userId)
    .orderBy('groups.createdAt')
    .orderBy('groups.id')
    .execute();
  return Promise.all(rows.map(({ id }) => getGroup(db, userId, id)));
};
