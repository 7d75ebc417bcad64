import { describe, expect, it, onTestFinished } from 'vitest';
import { watchedBy, watchersOf } from '../../../app/server/chat/presence.ts';
import { openDatabase } from '../../../app/server/database/open-database.ts';
import { storeDraw } from '../../../app/server/groups/raffle.ts';
import { drawnGroup, sharedPeople } from './support/person.ts';
import { sharedServer } from './support/test-server.ts';

const server = sharedServer();
const people = sharedPeople(server, 'Gwen', 'Hugo', 'Iris');

/** Each group is a cycle: everyone gives to the next. */
const databaseWith = async (groups: string[][]) => {
  const db = await openDatabase(':memory:');
  onTestFinished(() => db.destroy());
  const ids = [...new Set(groups.flat())];
  await db
    .insertInto('users')
    .values(ids.map((id) => ({ id, name: id, email: id, passwordHash: '', createdAt: 0 })))
    .execute();
  for (const [index, order] of groups.entries()) {
    const groupId = `group ${index}`;
    const ownerId = order[0] ?? '';
    await db
      .insertInto('groups')
      .values({ id: groupId, name: groupId, ownerId, createdAt: 0, drawnAt: null })
      .execute();
    const pairs = order.map((giverId, at) => ({
      giverId,
      recipientId: order[(at + 1) % order.length] ?? '',
    }));
    await storeDraw(db, groupId, pairs);
  }
  return db;
};

describe('presence', () => {
  it('lets a giver see their recipient, and nobody see their giver', async () => {
    const db = await databaseWith([['a', 'b', 'c', 'd']]);
    expect(await watchedBy(db, 'a')).toEqual(['b']);
    expect(await watchersOf(db, 'b')).toEqual(['a']);
    expect(await watchersOf(db, 'a')).toEqual(['d']);
  });

  it('shows two people who give to each other in two groups nothing of each other (I14)', async () => {
    const db = await databaseWith([
      ['a', 'b', 'c'],
      ['b', 'a', 'd'],
    ]);
    expect(await watchedBy(db, 'a')).toEqual(['d']);
    expect(await watchersOf(db, 'a')).toEqual(['c']);
    expect((await watchedBy(db, 'b')).toSorted()).toEqual(['c']);
    expect(await watchersOf(db, 'b')).toEqual(['d']);
  });

  it('names someone once who is given to in two groups', async () => {
    const db = await databaseWith([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
    expect(await watchedBy(db, 'a')).toEqual(['b']);
    expect(await watchersOf(db, 'b')).toEqual(['a']);
  });

  it('tells a giver when their recipient comes and goes, and at the draw when they are there already', async () => {
    const all = [people.Gwen, people.Hugo, people.Iris];
    const sockets = new Map(
      await Promise.all(all.map(async (one) => [one.id, await one.connect()] as const)),
    );
    const { giver, recipient, other } = await drawnGroup(people.Gwen, people.Hugo, people.Iris);
    const onGiver = sockets.get(giver.id);
    expect(await onGiver?.next('USER_ONLINE')).toEqual({ type: 'USER_ONLINE', userId: recipient.id });
    await sockets.get(recipient.id)?.close();
    expect(await onGiver?.next('USER_OFFLINE')).toEqual({ type: 'USER_OFFLINE', userId: recipient.id });
    await recipient.connect();
    const onlines = () => onGiver?.frames.filter(({ type }) => type === 'USER_ONLINE');
    await expect.poll(onlines).toHaveLength(2);

    const seenBy = (id: string) =>
      new Set(
        sockets.get(id)?.frames.flatMap(({ type, userId }) => (type.startsWith('USER_') ? [userId] : [])),
      );
    expect(seenBy(giver.id)).toEqual(new Set([recipient.id]));
    // One cycle of three: the recipient gives to the third, who gives to the giver.
    expect(seenBy(other.id)).toEqual(new Set([giver.id]));
  });
});
