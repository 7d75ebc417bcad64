import { randomUUID } from 'node:crypto';
import type { Database } from '../database/open-database.ts';
import { inTransaction } from '../database/transactions.ts';
import { Refusal } from '../refusal.ts';
import { drawCycle, type Pair, type RandomBelow } from './draw-cycle.ts';
import { memberIds, requireMembership } from './groups.ts';

const MIN_MEMBERS_COUNT = 3;

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
 * Draws the raffle of a group, once: later calls, and calls at the same time, change nothing and return `drawn: false`.
 * Only the owner may; refuses with `conflict` below three members.
 *
 * The draw depends on the members of this group and on chance, and on no other group: whoever draws a second group with
 * the same people learns nothing of the first.
 */
export const drawRaffle = async (
  db: Database,
  userId: string,
  groupId: string,
  randomBelow?: RandomBelow,
): Promise<{ drawn: boolean }> =>
  inTransaction(db, [`group ${groupId}`], async (transaction) => {
    const group = await requireMembership(transaction, userId, groupId);
    if (group.ownerId !== userId)
      throw new Refusal('forbidden', 'Only the owner of the group may draw the raffle.');
    if (group.drawnAt !== null) return { drawn: false };
    const members = await memberIds(transaction, groupId);
    if (members.length < MIN_MEMBERS_COUNT) {
      throw new Refusal('conflict', `The raffle needs at least ${MIN_MEMBERS_COUNT} members.`);
    }
    await storeDraw(transaction, groupId, drawCycle(members, randomBelow));
    return { drawn: true };
  });
