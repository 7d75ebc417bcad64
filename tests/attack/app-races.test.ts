import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Group, Invitation } from '../../app/contract/http-api.ts';
import { createGroup } from '../../app/server/groups/groups.ts';
import { acceptInvitation, invite } from '../../app/server/groups/invitations.ts';
import { databaseOf } from '../app/server/support/every-draw.ts';
import { call, groupOf, PASSWORD, sharedPeople, signIn, signUp } from '../app/server/support/person.ts';
import { sharedServer, startTestServer } from '../app/server/support/test-server.ts';
import { ticketOf } from '../app/server/support/test-socket.ts';

const server = sharedServer();
const people = sharedPeople(server, 'Mallory', 'Anna', 'Bert', 'Cleo');

const statusesOf = async (calls: readonly Promise<{ readonly status: number }>[]) =>
  (await Promise.all(calls)).map(({ status }) => status).toSorted();
const outcomesOf = async (tries: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(tries)).filter(({ status }) => status === 'fulfilled').length;

/** Dials, and says `open` where something can be said, or the close code. */
const dial = (ticket: string): Promise<number | 'open'> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/connect/${ticket}/`);
    socket.on('error', reject);
    socket.on('open', () => socket.send('[{"type":"TYPING","conversationId":"none"}]'));
    socket.on('message', (data) => {
      if (!String(data).includes('COMMAND_REJECTED')) return;
      resolve('open');
      socket.terminate();
    });
    socket.on('close', resolve);
  });

describe('a ticket', () => {
  it('opens one of twenty sockets that dial with it at once', async () => {
    const ticket = await ticketOf(server.url, people.Mallory.token);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => dial(ticket)));
    expect(outcomes.filter((outcome) => outcome === 'open')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 4401)).toHaveLength(19);
  });

  it('opens no socket that outlives its first heartbeat where all is signed out while it is dialled', async () => {
    const { url } = await startTestServer({ heartbeatMs: 100 });
    const { email } = await signUp(url, 'Dora');
    for (let times = 0; times < 5; times++) {
      const person = await signIn(url, email, PASSWORD);
      const ticket = await ticketOf(url, person.token);
      const socket = new WebSocket(`${url.replace('http', 'ws')}/connect/${ticket}/`);
      const closed = new Promise((resolve) => socket.on('close', resolve));
      await new Promise((resolve) => setTimeout(resolve, times));
      expect((await person.call('DELETE', '/api/sessions')).status).toBe(204);
      expect(await closed).toBe(4401);
    }
  });
});

describe('two requests at once', () => {
  it('make one account of an address', async () => {
    const body = { name: 'Twin', email: 'twin@people.test', password: PASSWORD };
    const tries = Array.from({ length: 6 }, () => call(server.url, 'POST', '/api/users', { body }));
    expect(await statusesOf(tries)).toEqual([201, 409, 409, 409, 409, 409]);
  });

  it('make one invitation of an address', async () => {
    const { id } = await people.Anna.get(Group, 'POST', '/api/groups', { name: 'Once' });
    const body = { email: 'once@people.test' };
    const tries = Array.from({ length: 6 }, () =>
      people.Anna.call('POST', `/api/groups/${id}/invitations`, body),
    );
    expect(await statusesOf(tries)).toEqual([201, 409, 409, 409, 409, 409]);
  });

  it('to accept and to decline settle an invitation once', async () => {
    const { id } = await people.Anna.get(Group, 'POST', '/api/groups', { name: 'Both' });
    const invitation = await people.Anna.get(Invitation, 'POST', `/api/groups/${id}/invitations`, {
      email: people.Bert.email,
    });
    const tries = ['accept', 'decline', 'accept', 'decline'].map((what) =>
      people.Bert.call('POST', `/api/invitations/${invitation.id}/${what}`),
    );
    expect((await statusesOf(tries)).filter((status) => status < 300)).toHaveLength(1);
  });

  it('to draw and to join leave nobody in a drawn group without somebody to give to', async () => {
    for (let times = 0; times < 4; times++) {
      const group = await groupOf('Race', people.Anna, people.Bert, people.Cleo);
      const { id } = await people.Anna.get(Invitation, 'POST', `/api/groups/${group.id}/invitations`, {
        email: people.Mallory.email,
      });
      const draw = () => people.Anna.call('POST', `/api/groups/${group.id}/raffle`);
      const join = () => people.Mallory.call('POST', `/api/invitations/${id}/accept`);
      await Promise.all(times % 2 === 0 ? [draw(), join(), draw()] : [join(), draw(), draw()]);
      const { members } = await people.Anna.get(Group, 'GET', `/api/groups/${group.id}`);
      for (const person of Object.values(people)) {
        const conversations = await person.get(
          v.array(v.object({ groupId: v.string(), role: v.string() })),
          'GET',
          '/api/conversations',
        );
        const roles = conversations.filter(({ groupId }) => groupId === group.id).map(({ role }) => role);
        const isMember = members.some(({ userId }) => userId === person.id);
        expect(roles.toSorted(), person.name).toEqual(isMember ? ['giver', 'recipient'] : []);
      }
    }
  });

  it('get by no limit: groups of a person, groups of an hour, invitations to an address', async () => {
    const db = await databaseOf({ first: ['a', 'b', 'c'] });
    expect(await outcomesOf(Array.from({ length: 60 }, () => createGroup(db, 'a', 'More')))).toBe(40);
    const owned = await db.selectFrom('groups').select('id').where('ownerId', '=', 'a').execute();
    const tries = owned.map(({ id }) => invite(db, 'a', id, 'somebody@people.test'));
    expect(await outcomesOf(tries)).toBe(10);
    // 99 groups, and two invitations that are accepted at once.
    for (let index = 0; index < 98; index++) {
      await createGroup(db, 'b', 'More');
      await db.updateTable('groups').set({ createdAt: 0 }).execute();
    }
    const [one, two] = [await createGroup(db, 'c', 'One'), await createGroup(db, 'c', 'Two')];
    const both = [await invite(db, 'c', one.id, 'b'), await invite(db, 'c', two.id, 'b')];
    expect(await outcomesOf(both.map(({ id }) => acceptInvitation(db, 'b', id)))).toBe(1);
  });
});
