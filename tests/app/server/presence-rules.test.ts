import { describe, expect, it } from 'vitest';
import { hiddenBy, watchedBy, watchersOf } from '../../../app/server/chat/presence.ts';
import { storeDraw } from '../../../app/server/groups/raffle.ts';
import { announceRaffle, type Publisher } from '../../../app/server/socket/announcements.ts';
import { cycleOf, databaseOf } from './support/every-draw.ts';

const pairsOf = (rows: readonly { giverId: string; recipientId: string }[]) =>
  rows.map(({ giverId, recipientId }) => `${giverId} ${recipientId}`).toSorted();

describe('who may see whom online', () => {
  it('is a giver and their recipient, and nobody else of the group', async () => {
    const db = await databaseOf({ winter: ['a', 'b', 'c', 'd'] });
    await storeDraw(db, 'winter', cycleOf(['a', 'b', 'c', 'd']));
    expect(await watchedBy(db, 'a')).toEqual(['b']);
    expect(await watchersOf(db, 'b')).toEqual(['a']);
    expect(await watchedBy(db, 'd')).toEqual(['a']);
    expect(await watchersOf(db, 'a')).toEqual(['d']);
    expect(await watchedBy(db, 'nobody')).toEqual([]);
  });

  it('is hidden at a draw for pairs of other groups whose two people are in this one', async () => {
    const db = await databaseOf({
      ...{ winter: ['a', 'b', 'c', 'd'], both: ['a', 'b', 'e'], one: ['a', 'e', 'f'], none: ['e', 'f', 'g'] },
    });
    await storeDraw(db, 'winter', cycleOf(['a', 'b', 'c', 'd']));
    await storeDraw(db, 'none', cycleOf(['e', 'f', 'g']));
    // a gives to b in the winter; of the others nobody has both in this group.
    expect(pairsOf(await hiddenBy(db, 'both'))).toEqual(['a b']);
    expect(pairsOf(await hiddenBy(db, 'one'))).toEqual(['e f']);
    // Its own pairs are not hidden by it.
    expect(pairsOf(await hiddenBy(db, 'none'))).toEqual([]);
    expect(pairsOf(await hiddenBy(db, 'winter'))).toEqual([]);
  });
});

describe('a draw', () => {
  it('tells members alone that there was one, and givers alone whom they see', async () => {
    const db = await databaseOf({
      winter: ['a', 'b', 'c'],
      summer: ['a', 'b', 'd'],
      others: ['x', 'y', 'z'],
    });
    await storeDraw(db, 'summer', cycleOf(['a', 'b', 'd']));
    await storeDraw(db, 'winter', cycleOf(['a', 'b', 'c']));
    const heard: string[] = [];
    const note = (userIds: readonly string[], message: { type: string; userId?: string }) =>
      void heard.push(
        `${userIds.toSorted()}: ${message.type}${message.userId === undefined ? '' : ` ${message.userId}`}`,
      );
    const publisher: Publisher = {
      publish: async (userIds, message) => note(userIds, message),
      publishVolatile: note,
      isOnline: (userId) => userId !== 'c',
    };
    await announceRaffle(db, publisher, { id: 'winter', name: 'Winter' });
    expect(heard.toSorted()).toEqual([
      // b, whom a gave to in the summer as well, is shown no longer; c is not there; d is seen by b in the summer.
      ...['a,b,c: GROUP_UPDATED', 'a,b,c: RAFFLE_COMPLETE', 'a: USER_OFFLINE b'],
      ...['b: USER_ONLINE d', 'c: USER_ONLINE a'],
    ]);
  });
});
