import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Group, Invitation } from '../../../app/contract/http-api.ts';
import { conversationsOf, groupOf, type Person, sharedPeople } from './support/person.ts';
import { sharedServer } from './support/test-server.ts';

const server = sharedServer();
const everyone = sharedPeople(server, 'Eve', 'Finn', 'Gina', 'Late');

const three = async () => {
  const { Eve: eve, Finn: finn, Gina: gina } = everyone;
  return { people: [eve, finn, gina], eve, finn, gina, group: await groupOf('Winter', eve, finn, gina) };
};
const conversationsIn = async (groupId: string, person: Person) =>
  (await conversationsOf(person)).filter((conversation) => conversation.groupId === groupId);

describe('the raffle', () => {
  it('gives everyone one person to give to and one Secret Santa, and tells all members', async () => {
    const { people, eve, group } = await three();
    const sockets = await Promise.all(people.map((person) => person.connect()));
    const drawn = await eve.get(Group, 'POST', `/api/groups/${group.id}/raffle`);
    expect(drawn.drawnAt).toBeTypeOf('number');
    for (const socket of sockets) {
      await socket.next(
        'RAFFLE_COMPLETE',
        ({ groupId, groupName }) => groupId === group.id && groupName === 'Winter',
      );
      await socket.next('GROUP_UPDATED', ({ groupId }) => groupId === group.id);
    }
    const seen = await Promise.all(people.map((person) => conversationsIn(group.id, person)));
    for (const conversations of seen) {
      expect(conversations.map(({ role }) => role).toSorted()).toEqual(['giver', 'recipient']);
      expect(conversations.find(({ role }) => role === 'recipient')).toMatchObject({
        title: 'Your Secret Santa',
        partnerId: null,
      });
    }
    const recipients = seen.flat().flatMap(({ partnerId }) => (partnerId === null ? [] : [partnerId]));
    expect(recipients.toSorted()).toEqual(people.map(({ id }) => id).toSorted());
  });

  it('changes nothing at a second click, also when the two come at the same time', async () => {
    const { people, eve, finn, group } = await three();
    const onFinn = await finn.connect();
    const path = `/api/groups/${group.id}/raffle`;
    const clicks = await Promise.all(Array.from({ length: 8 }, () => eve.get(Group, 'POST', path)));
    const first = await Promise.all(people.map((person) => conversationsIn(group.id, person)));
    const later = await eve.get(Group, 'POST', path);
    expect(new Set([...clicks, later].map(({ drawnAt }) => drawnAt)).size).toBe(1);
    expect(await Promise.all(people.map((person) => conversationsIn(group.id, person)))).toEqual(first);
    expect(first.map((conversations) => conversations.length)).toEqual([2, 2, 2]);
    await onFinn.next('RAFFLE_COMPLETE');
    // Whatever else was announced came before this.
    await eve.call('POST', '/api/groups', { name: 'Next' });
    onFinn.send({ type: 'TYPING', conversationId: 'none' });
    await onFinn.next('COMMAND_REJECTED');
    expect(onFinn.frames.filter(({ type }) => type === 'RAFFLE_COMPLETE')).toHaveLength(1);
  });

  it('is for the owner only and needs three members', async () => {
    const { Eve: eve, Finn: finn } = everyone;
    const { id } = await groupOf('Two', eve, finn);
    expect((await finn.call('POST', `/api/groups/${id}/raffle`)).status).toBe(403);
    const early = await eve.call('POST', `/api/groups/${id}/raffle`);
    expect([early.status, JSON.parse(early.text).message]).toEqual([
      409,
      'The raffle needs at least 3 members.',
    ]);
    expect((await eve.call('POST', '/api/groups/none/raffle')).status).toBe(404);
    expect(await conversationsIn(id, eve)).toEqual([]);
  });

  it('closes the group: open invitations end, and nobody can be invited any more', async () => {
    const { eve, group } = await three();
    const { Late: late } = everyone;
    const path = `/api/groups/${group.id}/invitations`;
    const { id } = await eve.get(Invitation, 'POST', path, { email: late.email });
    await eve.get(Group, 'POST', `/api/groups/${group.id}/raffle`);
    expect(await late.get(v.array(Invitation), 'GET', '/api/invitations')).toEqual([]);
    expect((await late.call('POST', `/api/invitations/${id}/accept`)).status).toBe(404);
    expect((await eve.call('POST', path, { email: 'more@people.test' })).status).toBe(409);
  });
});
