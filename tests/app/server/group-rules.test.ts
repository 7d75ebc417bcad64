import { describe, expect, it } from 'vitest';
import type { Database } from '../../../app/server/database/open-database.ts';
import { createGroup, getGroup, listGroups } from '../../../app/server/groups/groups.ts';
import {
  acceptInvitation,
  declineInvitation,
  invite,
  listInvitations,
} from '../../../app/server/groups/invitations.ts';
import { drawRaffle } from '../../../app/server/groups/raffle.ts';
import { databaseOf } from './support/every-draw.ts';

const statesOf = async (db: Database) =>
  Object.fromEntries(
    (
      await db
        .selectFrom('invitations')
        .innerJoin('groups', 'groups.id', 'invitations.groupId')
        .select(['groups.name', 'email', 'state'])
        .execute()
    ).map(({ name, email, state }) => [`${name} ${email}`, state]),
  );

describe('an invitation', () => {
  it('is accepted or declined by itself: the others of the same person stay open', async () => {
    const db = await databaseOf({ everyone: ['a', 'b'] });
    const groups = [];
    for (const name of ['One', 'Two', 'Three', 'Four']) groups.push(await createGroup(db, 'a', name));
    const invitations = [];
    for (const { id } of groups) invitations.push(await invite(db, 'a', id, 'b'));
    expect(await acceptInvitation(db, 'b', invitations[1]?.id ?? '')).toBe(groups[1]?.id);
    expect(await declineInvitation(db, 'b', invitations[2]?.id ?? '')).toBe(groups[2]?.id);
    expect(await statesOf(db)).toEqual({
      ...{ 'One b': 'open', 'Two b': 'accepted', 'Three b': 'declined', 'Four b': 'open' },
    });
  });

  it('is listed for its own address, the oldest first', async () => {
    const db = await databaseOf({ everyone: ['a', 'b', 'c'] });
    for (const [index, name] of ['One', 'Two', 'Three'].entries()) {
      const { id } = await createGroup(db, 'a', name);
      const invitation = await invite(db, 'a', id, name === 'Two' ? 'c' : 'b');
      // The order of writing is turned around.
      await db
        .updateTable('invitations')
        .set({ createdAt: 1_000 - index })
        .where('id', '=', invitation.id)
        .execute();
    }
    const named = async (userId: string) =>
      (await listInvitations(db, userId)).map(({ groupName }) => groupName);
    expect(await named('b')).toEqual(['Three', 'One']);
    expect(await named('c')).toEqual(['Two']);
    expect(await named('a')).toEqual([]);
  });

  it('is for whoever is not in this group, whatever other groups they are in', async () => {
    const db = await databaseOf({ everyone: ['a', 'b'] });
    const { id } = await createGroup(db, 'a', 'New');
    await acceptInvitation(db, 'b', (await invite(db, 'a', id, 'b')).id);
    await expect(invite(db, 'a', id, 'b')).rejects.toThrow('This person is in the group already.');
    await expect(invite(db, 'a', id, 'a')).rejects.toThrow('This person is in the group already.');
  });
});

describe('a group', () => {
  it('shows its owner the invitations of this group that are open, the oldest first', async () => {
    const db = await databaseOf({ everyone: ['a', 'b'] });
    const [one, other] = [await createGroup(db, 'a', 'One'), await createGroup(db, 'a', 'Other')];
    for (const [index, email] of ['late', 'early', 'b'].entries()) {
      const { id } = await invite(db, 'a', one.id, email);
      await db
        .updateTable('invitations')
        .set({ createdAt: 1_000 - index })
        .where('id', '=', id)
        .execute();
      if (email === 'b') await declineInvitation(db, 'b', id);
    }
    await invite(db, 'a', other.id, 'elsewhere');
    expect((await getGroup(db, 'a', one.id)).invited).toEqual(['early', 'late']);
    expect((await getGroup(db, 'a', other.id)).invited).toEqual(['elsewhere']);
    const listed = Object.fromEntries(
      (await listGroups(db, 'a')).map(({ name, invited }) => [name, invited]),
    );
    expect(listed).toEqual({ everyone: [], One: ['early', 'late'], Other: ['elsewhere'] });
  });

  it('lists members of one name by their random id, not by who joined first (I14)', async () => {
    const db = await databaseOf({ winter: ['c', 'a', 'b'] });
    await db.updateTable('users').set({ name: 'Kim' }).execute();
    for (const [joinedAt, userId] of ['c', 'a', 'b'].entries())
      await db.updateTable('members').set({ joinedAt }).where('userId', '=', userId).execute();
    const { members } = await getGroup(db, 'a', 'winter');
    expect(members.map(({ userId }) => userId)).toEqual(['a', 'b', 'c']);
  });
});

describe('a draw', () => {
  it('draws its own group: no other is drawn, and none of its invitations ends', async () => {
    const people = ['a', 'b', 'c'];
    const db = await databaseOf({ winter: people, summer: people });
    for (const id of ['winter', 'summer']) await invite(db, 'a', id, 'somebody');
    expect(await drawRaffle(db, 'a', 'winter')).toEqual({ drawn: true });
    expect((await getGroup(db, 'a', 'summer')).drawnAt).toBeNull();
    expect(await statesOf(db)).toEqual({ 'winter somebody': 'closed', 'summer somebody': 'open' });
    expect(await drawRaffle(db, 'a', 'summer')).toEqual({ drawn: true });
  });

  it('ends what is open, and leaves what was answered as it was', async () => {
    const db = await databaseOf({ winter: ['a', 'b', 'c'], everyone: ['d', 'e', 'f'] });
    const invited = async (email: string) => (await invite(db, 'a', 'winter', email)).id;
    await acceptInvitation(db, 'd', await invited('d'));
    await declineInvitation(db, 'e', await invited('e'));
    await invited('f');
    await drawRaffle(db, 'a', 'winter');
    expect(await statesOf(db)).toEqual({
      'winter d': 'accepted',
      'winter e': 'declined',
      'winter f': 'closed',
    });
  });
});
