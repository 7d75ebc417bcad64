import { randomUUID } from 'node:crypto';
import type { Database } from '../database/open-database.ts';
import { Refusal } from '../refusal.ts';
import { drawCycle, type Pair } from './draw-cycle.ts';
import { memberIds, requireMembership } from './groups.ts';

const MIN_MEMBERS_COUNT = 3;

const keyOf = ({ giverId, recipientId }: Pair): string => `${giverId} ${recipientId}`;

/** Writes a draw into a group: one conversation a pair, open invitations closed. Part of the caller's transaction. */
export const storeDraw = async (
  transaction: Database,
  groupId: string,
  pairs: readonly Pair[],
): Promise<void> => {
  await transaction
    .insertInto('conversations')
    .values(pairs.map((pair) => ({ id: randomUUID(), groupId, ...pair })))
    .execute();
  await transaction.updateTable('groups').set({ drawnAt: Date.now() }).where('id', '=', groupId).execute();
  await transaction
    .updateTable('invitations')
    .set({ state: 'closed' })
    .where('groupId', '=', groupId)
    .where('state', '=', 'open')
    .execute();
};

/**
 * Draws the raffle of a group, once: later calls, and calls at the same time, change nothing and answer `drawn: false`.
 * Only the owner may; refuses with `conflict` below three members.
 *
 * Where it is possible, nobody gets to give to the person who gives to them in another group: the two would see each
 * other's presence.
 */
export const drawRaffle = async (
  db: Database,
  userId: string,
  groupId: string,
): Promise<{ drawn: boolean }> =>
  db.transaction().execute(async (transaction) => {
    const group = await requireMembership(transaction, userId, groupId);
    if (group.ownerId !== userId)
      throw new Refusal('forbidden', 'Only the owner of the group may draw the raffle.');
    if (group.drawnAt !== null) return { drawn: false };
    const members = await memberIds(transaction, groupId);
    if (members.length < MIN_MEMBERS_COUNT) {
      throw new Refusal('conflict', `The raffle needs at least ${MIN_MEMBERS_COUNT} members.`);
    }
    const existing = await transaction
      .selectFrom('conversations')
      .select(['giverId', 'recipientId'])
      .where('giverId', 'in', members)
      .execute();
    const given = new Set(existing.map(keyOf));
    const isMutual = ({ giverId, recipientId }: Pair) =>
      given.has(keyOf({ giverId: recipientId, recipientId: giverId }));
    await storeDraw(transaction, groupId, drawCycle(members, isMutual));
    return { drawn: true };
  });
