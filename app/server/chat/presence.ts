import type { Database } from '../database/open-database.ts';

/**
 * Who may see whom online. A giver sees the people they give to; nobody ever sees their giver. Two people who give to
 * each other in different groups see nothing of each other, as each would be watching a giver of theirs.
 */
const sightings = (db: Database) =>
  db
    .selectFrom('conversations as seen')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('conversations as back')
            .select('back.id')
            .whereRef('back.giverId', '=', 'seen.recipientId')
            .whereRef('back.recipientId', '=', 'seen.giverId'),
        ),
      ),
    );

/** The users who may know when this user is online. */
export const watchersOf = async (db: Database, userId: string): Promise<string[]> => {
  const rows = await sightings(db)
    .select('seen.giverId')
    .distinct()
    .where('seen.recipientId', '=', userId)
    .execute();
  return rows.map(({ giverId }) => giverId);
};

/** The users of whom this user may know when they are online. */
export const watchedBy = async (db: Database, userId: string): Promise<string[]> => {
  const rows = await sightings(db)
    .select('seen.recipientId')
    .distinct()
    .where('seen.giverId', '=', userId)
    .execute();
  return rows.map(({ recipientId }) => recipientId);
};
