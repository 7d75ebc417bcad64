import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Group, Invitation } from '../../app/contract/http-api.ts';
import { type Database, openDatabase } from '../../app/server/database/open-database.ts';
import { createGroup } from '../../app/server/groups/groups.ts';
import {
  acceptInvitation,
  declineInvitation,
  invite,
  listInvitations,
} from '../../app/server/groups/invitations.ts';
import { createMessageLimits } from '../../app/server/limits/message-limits.ts';
import { Refusal } from '../../app/server/refusal.ts';
import { createCommandHandler } from '../../app/server/socket/commands.ts';
import { databaseOf } from '../app/server/support/every-draw.ts';
import { drawnGroup, groupOf, sharedPeople } from '../app/server/support/person.ts';
import { sharedServer } from '../app/server/support/test-server.ts';

const server = sharedServer();
const people = sharedPeople(server, 'Mallory', 'Victim', 'Friend');

/** How often it works, of so many tries, and why it does not at last. */
const countOf = async (tries: number, act: (index: number) => Promise<unknown>) => {
  let count = 0;
  let why = '';
  for (let index = 0; index < tries; index++) {
    try {
      await act(index);
      count++;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      why = error.kind;
    }
  }
  return [count, why];
};

/** People without groups, and one group that holds them for the database's sake. */
const peopleOf = (...ids: string[]) => databaseOf({ everyone: ids });
const age = (db: Database, ms: number) =>
  db
    .updateTable('invitations')
    .set((row) => ({ createdAt: row('createdAt', '-', ms) }))
    .execute();

describe('one who floods another', () => {
  it('with 1,100 invitations gets ten through a day, and none of what matters is pushed out', async () => {
    const { Mallory: mallory, Victim: victim } = people;
    const onVictim = await victim.connect();
    const statuses: number[] = [];
    // Into one group an address can be invited once; so each goes into a group of its own.
    for (let group = 0; group < 14; group++) {
      const { id } = await mallory.get(Group, 'POST', '/api/groups', { name: `Trap ${group}` });
      const answer = await mallory.call('POST', `/api/groups/${id}/invitations`, { email: victim.email });
      statuses.push(answer.status);
      if (answer.status === 429) expect(answer.headers.get('retry-after')).toBe('86400');
    }
    expect(statuses).toEqual([...Array(10).fill(201), ...Array(4).fill(429)]);
    onVictim.send({ type: 'TYPING', conversationId: 'none' });
    await onVictim.next('COMMAND_REJECTED');
    expect(onVictim.frames.filter(({ type }) => type === 'INVITATION_RECEIVED')).toHaveLength(10);
    expect(await victim.get(v.array(Invitation), 'GET', '/api/invitations')).toHaveLength(10);
  });

  it('cannot invite again and again who declines', async () => {
    const db = await peopleOf('a', 'b');
    const { id } = await createGroup(db, 'a', 'Again');
    const again = () =>
      invite(db, 'a', id, 'b').then((invitation) => declineInvitation(db, 'b', invitation.id));
    expect(await countOf(5, again)).toEqual([2, 'conflict']);
  });

  it('cannot have a crowd fill somebody’s list: it ends at a hundred, and has room again once they answer', async () => {
    const crowd = Array.from({ length: 12 }, (_, index) => `m${index}`);
    const db = await peopleOf('victim', ...crowd);
    const all = crowd.flatMap((id) => Array.from({ length: 10 }, () => id));
    const [count, why] = await countOf(all.length, async (index) => {
      const id = all[index] ?? '';
      await invite(db, id, (await createGroup(db, id, 'Trap')).id, 'victim');
    });
    expect([count, why]).toEqual([100, 'conflict']);
    const [first] = await listInvitations(db, 'victim');
    await declineInvitation(db, 'victim', first?.id ?? '');
    const { id } = await createGroup(db, 'm11', 'Trap');
    await expect(invite(db, 'm11', id, 'victim')).resolves.toBeDefined();
  });

  it('cannot send more than two hundred invitations an hour, to whomever, and fills no group beyond a hundred', async () => {
    const db = await peopleOf('a', 'b');
    const ids: string[] = [];
    for (let index = 0; index < 4; index++) ids.push((await createGroup(db, 'a', 'Spam')).id);
    const into = (group: number) => (index: number) =>
      invite(db, 'a', ids[group] ?? '', `${group}.${index}@people.test`);
    // The owner is one of the hundred.
    expect(await countOf(101, into(0))).toEqual([99, 'conflict']);
    expect(await countOf(101, into(1))).toEqual([99, 'conflict']);
    expect(await countOf(101, into(2))).toEqual([2, 'too-many-requests']);
    await age(db, 3_600_001);
    await expect(into(2)(7)).resolves.toBeDefined();
  });

  it('makes forty groups an hour', async () => {
    const db = await peopleOf('a');
    expect(await countOf(45, () => createGroup(db, 'a', 'Trap'))).toEqual([40, 'too-many-requests']);
  });

  it('is in a hundred groups at most: what lists hold has an end', async () => {
    const db = await peopleOf('a', 'b');
    const makes = async () => {
      await createGroup(db, 'a', 'One more');
      await db.updateTable('groups').set({ createdAt: 0 }).execute();
    };
    expect(await countOf(105, makes)).toEqual([99, 'conflict']);
    const { id } = await createGroup(db, 'b', 'Not for a');
    const invitation = await invite(db, 'b', id, 'a');
    await expect(acceptInvitation(db, 'a', invitation.id)).rejects.toThrow('100 groups');
    expect(await listInvitations(db, 'a')).toHaveLength(1);
  });

  it('does not reach the members of a group by inviting strangers: only the owner hears of that', async () => {
    const { Mallory: mallory, Victim: victim, Friend: friend } = people;
    const group = await groupOf('Common', friend, victim);
    const [onFriend, onVictim] = await Promise.all([friend.connect(), victim.connect()]);
    const updates = (socket: typeof onVictim) =>
      socket.frames.filter(({ type, groupId }) => type === 'GROUP_UPDATED' && groupId === group.id);
    const { id } = await friend.get(Invitation, 'POST', `/api/groups/${group.id}/invitations`, {
      email: mallory.email,
    });
    await mallory.call('POST', `/api/invitations/${id}/decline`);
    await expect.poll(() => updates(onFriend)).toHaveLength(2);
    onVictim.send({ type: 'TYPING', conversationId: 'none' });
    await onVictim.next('COMMAND_REJECTED');
    expect(updates(onVictim)).toEqual([]);
  });
});

describe('one who says too much', () => {
  it('sends 1,200 messages in ten minutes, 60 pictures of them and 300 a day, and then has to wait', () => {
    let nowMs = 0;
    const limits = createMessageLimits(() => nowMs);
    const sent = (tries: number, hasImage: boolean, userId = 'a') => {
      let count = 0;
      for (let index = 0; index < tries; index++) {
        try {
          limits.take(userId, hasImage);
          count++;
        } catch (error) {
          if (!(error instanceof Refusal && error.kind === 'too-many-requests')) throw error;
        }
      }
      return count;
    };
    expect(sent(100, true)).toBe(60);
    expect(sent(2_000, false)).toBe(1_140);
    expect(sent(10, false, 'b')).toBe(10);
    let pictures = 60;
    for (let window = 1; window < 10; window++) {
      nowMs = window * 600_000;
      pictures += sent(100, true);
    }
    expect(pictures).toBe(300);
    nowMs = 24 * 3_600_000;
    expect(sent(100, true)).toBe(60);
  });

  it('says the same under the same key as often as it likes: it counts once', () => {
    const limits = createMessageLimits(() => 0);
    for (let index = 0; index < 2_000; index++) {
      limits.take('a', true);
      limits.giveBack('a', true);
    }
    expect(() => limits.take('a', true)).not.toThrow();
  });

  it('types in silence: of a flood of TYPING one a second comes through, and nothing is refused', async () => {
    const { giver, recipient, conversationId } = await drawnGroup(
      people.Friend,
      people.Mallory,
      people.Victim,
    );
    const [onGiver, onRecipient] = await Promise.all([giver.connect(), recipient.connect()]);
    for (let times = 0; times < 30; times++) onGiver.send({ type: 'TYPING', conversationId });
    const key = randomUUID();
    onGiver.send({ type: 'SEND_MESSAGE', conversationId, text: 'There', key });
    await onRecipient.next('NEW_MESSAGE', ({ payload }) => (payload as { text: string }).text === 'There');
    const typed = onRecipient.frames.filter(({ type }) => type === 'TYPING');
    // However slow the machine: at most one for each second that the flood took.
    expect(typed.length).toBeLessThan(30);
    expect(typed.length).toBeGreaterThanOrEqual(1);
    expect(onGiver.frames.filter(({ type }) => type === 'COMMAND_REJECTED')).toEqual([]);
    const limits = createMessageLimits(() => 0);
    expect(limits.mayShowTyping('a', 'room')).toBe(true);
    expect(limits.mayShowTyping('a', 'room')).toBe(false);
    expect(limits.mayShowTyping('a', 'other room')).toBe(true);
    expect(limits.mayShowTyping('b', 'room')).toBe(true);
  });

  it('hears that it is too much, as a rejection of the message', async () => {
    const { giver, conversationId } = await drawnGroup(people.Friend, people.Mallory, people.Victim);
    const db = await openDatabase(`${server.dataDir}/redngift.sqlite`);
    const limits = createMessageLimits(() => 0);
    for (let index = 0; index < 1_200; index++) limits.take(giver.id, false);
    const rejections: string[] = [];
    const nothing = () => undefined;
    await createCommandHandler(
      db,
      () => {},
      limits,
    )(
      { kind: 'message', message: { type: 'SEND_MESSAGE', conversationId, text: 'More', key: randomUUID() } },
      {
        userId: giver.id,
        connectionId: '1',
        key: null,
        publish: nothing,
        publishVolatile: nothing,
        publishBinary: nothing,
        reply: ({ reason }) => rejections.push(String(reason)),
        reject: (code) => rejections.push(String(code)),
      },
    );
    await db.destroy();
    expect(rejections).toEqual([
      'too-many-requests',
      'You sent many messages in a short time. Please try again in 10 minutes.',
    ]);
  });
});
