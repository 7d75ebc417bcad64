import type { Database } from '../database/open-database.ts';

/**
 * Who may see whom online: a giver sees the person they give to, where the two have no other drawn group in common.
 *
 * With another one in common that person may be the giver's own Secret Santa there, and whoever compares when the one is
 * online with when the other writes would find out. The rule looks at who is a member of what, which both know, and at
 * no draw: so what is shown, and what is not, tells nothing of any draw.
 */
const sightings = (db: Database) =>
  db
    .selectFrom('conversations as seen')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('members as giver')
            .innerJoin('members as recipient', 'recipient.groupId', 'giver.groupId')
            .innerJoin('groups', 'groups.id', 'giver.groupId')
            .select('groups.id')
            .whereRef('giver.userId', '=', 'seen.giverId')
            .whereRef('recipient.userId', '=', 'seen.recipientId')
            .whereRef('groups.id', '<>', 'seen.groupId')
            .where('groups.drawnAt', 'is not', null),
        ),
      ),
    );

/** The users who may know when this user is online. */
export const watchersOf = async (db: Database, userId: string): Promise<string[]> => {
  const rows = await sightings(db).select('seen.giverId').where('seen.recipientId', '=', userId).execute();
  return rows.map(({ giverId }) => giverId);
};

/** The users of whom this user may know when they are online. */
export const watchedBy = async (db: Database, userId: string): Promise<string[]> => {
  const rows = await sightings(db).select('seen.recipientId').where('seen.giverId', '=', userId).execute();
  return rows.map(({ recipientId }) => recipientId);
};

/**
 * Who gives to whom in other groups, of the members of this one. Once it is drawn they have two groups in common, and
 * the givers see them online no longer.
 */
export const hiddenBy = async (
  db: Database,
  groupId: string,
): Promise<{ giverId: string; recipientId: string }[]> => {
  const members = db.selectFrom('members').select('userId').where('groupId', '=', groupId);
  return db
    .selectFrom('conversations')
    .select(['giverId', 'recipientId'])
    .where('groupId', '<>', groupId)
    .where('giverId', 'in', members)
    .where('recipientId', 'in', members)
    .execute();
};
