import { describe, expect, it } from 'vitest';
import { watchedBy, watchersOf } from '../../../app/server/chat/presence.ts';
import { storeDraw } from '../../../app/server/groups/raffle.ts';
import { cycleOf, databaseOf } from './support/every-draw.ts';
import { drawnGroup, sharedPeople } from './support/person.ts';
import { sharedServer } from './support/test-server.ts';

const server = sharedServer();
const people = sharedPeople(server, 'Gwen', 'Hugo', 'Iris', 'Jana', 'Karl', 'Lena');

/** Each group is a cycle: everyone gives to the next. */
const databaseWith = async (groups: string[][]) => {
  const db = await databaseOf(Object.fromEntries(groups.map((order, index) => [`group ${index}`, order])));
  for (const [index, order] of groups.entries()) await storeDraw(db, `group ${index}`, cycleOf(order));
  return db;
};

describe('presence', () => {
  it('lets a giver see their recipient, and nobody see their giver', async () => {
    const db = await databaseWith([['a', 'b', 'c', 'd']]);
    expect(await watchedBy(db, 'a')).toEqual(['b']);
    expect(await watchersOf(db, 'b')).toEqual(['a']);
    expect(await watchersOf(db, 'a')).toEqual(['d']);
  });

  it('shows two people nothing of each other who have two drawn groups in common, whoever gives to whom (I14)', async () => {
    for (const second of [
      ['b', 'a', 'd'],
      ['a', 'b', 'd'],
      ['a', 'd', 'b'],
    ]) {
      const db = await databaseWith([['a', 'b', 'c'], second]);
      for (const [one, other] of [
        ['a', 'b'],
        ['b', 'a'],
      ] as const) {
        expect(await watchedBy(db, one)).not.toContain(other);
        expect(await watchersOf(db, one)).not.toContain(other);
      }
      expect(await watchedBy(db, 'b')).toContain('c');
    }
  });

  it('still shows a recipient with whom the other group in common is not drawn', async () => {
    const db = await databaseOf({ drawn: ['a', 'b', 'c'], later: ['a', 'b', 'd'] });
    await storeDraw(db, 'drawn', cycleOf(['a', 'b', 'c']));
    expect(await watchedBy(db, 'a')).toEqual(['b']);
    await storeDraw(db, 'later', cycleOf(['a', 'd', 'b']));
    expect(await watchedBy(db, 'a')).toEqual(['d']);
  });

  it('ends at the draw of a second group in common: those who saw each other are told of an offline (I14)', async () => {
    const { giver, recipient, other } = await drawnGroup(people.Gwen, people.Hugo, people.Iris);
    const [onGiver, onOther] = await Promise.all([giver.connect(), other.connect(), recipient.connect()]);
    await drawnGroup(giver, recipient, other);
    expect(await onGiver.next('USER_OFFLINE', ({ userId }) => userId === recipient.id)).toBeDefined();
    expect(await onOther.next('USER_OFFLINE', ({ userId }) => userId === giver.id)).toBeDefined();
  });

  it('tells a giver when their recipient comes and goes, and at the draw when they are there already', async () => {
    const all = [people.Jana, people.Karl, people.Lena];
    const sockets = new Map(
      await Promise.all(all.map(async (one) => [one.id, await one.connect()] as const)),
    );
    const { giver, recipient, other } = await drawnGroup(people.Jana, people.Karl, people.Lena);
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
