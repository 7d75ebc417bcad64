import type { Database } from '../database/open-database.ts';
import { Refusal } from '../refusal.ts';

const HOUR_MS = 60 * 60 * 1000;

/** Members and open invitations of one group. */
export const MAX_GROUP_SIZE_COUNT = 100;
/** Groups that one person is in: what they are shown at once. */
export const MAX_GROUPS_OF_USER_COUNT = 100;
/** Groups that one person makes in an hour. */
const MAX_NEW_GROUPS_COUNT = 40;
/** Invitations that one person sends in an hour. */
const MAX_SENT_COUNT = 200;
/** Invitations that one person sends to one address in a day, whatever becomes of them. */
const MAX_TO_ADDRESS_COUNT = 10;
/** Open invitations of one address, from whomever: what they are shown at once. */
const MAX_OPEN_OF_ADDRESS_COUNT = 100;
/** How often an address may decline one group before it is left alone. */
const MAX_DECLINED_COUNT = 2;

const countInvitations = async (
  db: Database,
  filter: {
    invitedBy?: string;
    email?: string;
    groupId?: string;
    state?: 'open' | 'declined';
    since?: number;
  },
): Promise<number> => {
  let query = db.selectFrom('invitations').select((select) => select.fn.countAll<number>().as('count'));
  if (filter.invitedBy !== undefined) query = query.where('invitedBy', '=', filter.invitedBy);
  if (filter.email !== undefined) query = query.where('email', '=', filter.email);
  if (filter.groupId !== undefined) query = query.where('groupId', '=', filter.groupId);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  if (filter.since !== undefined) query = query.where('createdAt', '>', filter.since);
  return (await query.executeTakeFirstOrThrow()).count;
};

export const countMembers = async (db: Database, groupId: string): Promise<number> => {
  const { count } = await db
    .selectFrom('members')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('groupId', '=', groupId)
    .executeTakeFirstOrThrow();
  return count;
};

/** Refuses one more group for this person with `conflict`, where they are in as many as they can be. */
export const requireRoomForGroup = async (db: Database, userId: string): Promise<void> => {
  const { count } = await db
    .selectFrom('members')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('userId', '=', userId)
    .executeTakeFirstOrThrow();
  if (count >= MAX_GROUPS_OF_USER_COUNT)
    throw new Refusal('conflict', `Nobody can be in more than ${MAX_GROUPS_OF_USER_COUNT} groups.`);
};

/** Refuses with `too-many-requests` whoever makes groups by the dozen. */
export const requireRateOfGroups = async (db: Database, ownerId: string, now: number): Promise<void> => {
  const { count } = await db
    .selectFrom('groups')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('ownerId', '=', ownerId)
    .where('createdAt', '>', now - HOUR_MS)
    .executeTakeFirstOrThrow();
  if (count >= MAX_NEW_GROUPS_COUNT)
    throw new Refusal(
      'too-many-requests',
      'You made many groups in a short time. Please try again in an hour.',
      HOUR_MS,
    );
};

/**
 * Refuses an invitation that would be too much: for its sender, for the group, or for whoever gets it. Everything is
 * counted in the database, so a restart forgets nothing. Call it within the transaction that adds the invitation.
 */
export const requireRoomForInvitation = async (
  db: Database,
  { ownerId, groupId, email }: { ownerId: string; groupId: string; email: string },
  now: number,
): Promise<void> => {
  if ((await countInvitations(db, { invitedBy: ownerId, since: now - HOUR_MS })) >= MAX_SENT_COUNT) {
    const message = 'You sent many invitations in a short time. Please try again in an hour.';
    throw new Refusal('too-many-requests', message, HOUR_MS);
  }
  if ((await countInvitations(db, { groupId, email, state: 'declined' })) >= MAX_DECLINED_COUNT)
    throw new Refusal('conflict', 'This person has declined.');
  if (
    (await countInvitations(db, { invitedBy: ownerId, email, since: now - 24 * HOUR_MS })) >=
    MAX_TO_ADDRESS_COUNT
  ) {
    const message = 'You invited this person many times today. Please try again tomorrow.';
    throw new Refusal('too-many-requests', message, 24 * HOUR_MS);
  }
  const open = await countInvitations(db, { groupId, state: 'open' });
  if (open + (await countMembers(db, groupId)) >= MAX_GROUP_SIZE_COUNT)
    throw new Refusal(
      'conflict',
      `A group has at most ${MAX_GROUP_SIZE_COUNT} members, invited people included.`,
    );
  if ((await countInvitations(db, { email, state: 'open' })) >= MAX_OPEN_OF_ADDRESS_COUNT)
    throw new Refusal('conflict', 'This person has many invitations to answer. Please invite them later.');
};
