import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Group, Invitation } from '../../../app/contract/http-api.ts';
import { call, groupOf, PASSWORD, sharedPeople, signIn } from './support/person.ts';
import { sharedServer } from './support/test-server.ts';

const server = sharedServer();
const people = sharedPeople(server, 'Eve', 'Finn', 'Mallory');

describe('groups and invitations', () => {
  it('invites, tells the invited person and the members, and lets them in', async () => {
    const { Eve: eve, Finn: finn } = people;
    const [onEve, onFinn] = await Promise.all([eve.connect(), finn.connect()]);
    const group = await eve.get(Group, 'POST', '/api/groups', { name: ' Summer ' });
    expect(group).toMatchObject({
      name: 'Summer',
      ownerId: eve.id,
      members: [{ userId: eve.id, name: 'Eve' }],
    });
    await eve.call('POST', `/api/groups/${group.id}/invitations`, { email: finn.email.toUpperCase() });
    const { invitation } = await onFinn.next('INVITATION_RECEIVED');
    expect(v.parse(Invitation, invitation)).toMatchObject({ groupName: 'Summer', invitedBy: 'Eve' });
    expect(await finn.get(v.array(Invitation), 'GET', '/api/invitations')).toEqual([invitation]);
    expect((await eve.get(Group, 'GET', `/api/groups/${group.id}`)).invited).toEqual([finn.email]);

    const before = onEve.frames.filter(({ type }) => type === 'GROUP_UPDATED').length;
    const joined = await finn.get(
      Group,
      'POST',
      `/api/invitations/${v.parse(Invitation, invitation).id}/accept`,
    );
    expect(joined.members.map(({ name }) => name)).toEqual(['Eve', 'Finn']);
    expect(joined.invited).toEqual([]);
    await onFinn.next('GROUP_UPDATED', ({ groupId }) => groupId === group.id);
    const updates = () => onEve.frames.filter(({ type }) => type === 'GROUP_UPDATED').length;
    await expect.poll(updates).toBeGreaterThan(before);
    expect(await finn.get(v.array(Group), 'GET', '/api/groups')).toContainEqual(joined);
  });

  it('keeps an invitation for an address that has no account yet', async () => {
    const { url } = server;
    const { Eve: eve } = people;
    const group = await eve.get(Group, 'POST', '/api/groups', { name: 'Summer' });
    const email = 'not.yet@people.test';
    await eve.get(Invitation, 'POST', `/api/groups/${group.id}/invitations`, { email });
    const { status } = await call(url, 'POST', '/api/users', {
      body: { name: 'Finn', email, password: PASSWORD },
    });
    expect(status).toBe(201);
    const finn = await signIn(url, email, PASSWORD);
    const [invitation] = await finn.get(v.array(Invitation), 'GET', '/api/invitations');
    expect(invitation).toMatchObject({ groupId: group.id });
    expect((await finn.call('POST', `/api/invitations/${invitation?.id}/decline`)).status).toBe(204);
    expect(await finn.get(v.array(Invitation), 'GET', '/api/invitations')).toEqual([]);
    expect((await finn.call('POST', `/api/invitations/${invitation?.id}/accept`)).status).toBe(404);
    expect((await eve.get(Group, 'GET', `/api/groups/${group.id}`)).invited).toEqual([]);
  });

  it('shows a group to its members only, and the invited addresses to its owner only', async () => {
    const { Eve: eve, Finn: finn, Mallory: mallory } = people;
    const group = await groupOf('Summer', eve, finn);
    await eve.get(Invitation, 'POST', `/api/groups/${group.id}/invitations`, { email: 'later@people.test' });
    expect((await finn.get(Group, 'GET', `/api/groups/${group.id}`)).invited).toEqual([]);
    expect((await mallory.call('GET', `/api/groups/${group.id}`)).status).toBe(404);
    const body = { email: mallory.email };
    expect((await finn.call('POST', `/api/groups/${group.id}/invitations`, body)).status).toBe(403);
    expect((await mallory.call('POST', `/api/groups/${group.id}/invitations`, body)).status).toBe(404);
    expect(
      (await eve.call('POST', `/api/groups/${group.id}/invitations`, { email: finn.email })).status,
    ).toBe(409);
    expect(
      (await eve.call('POST', `/api/groups/${group.id}/invitations`, { email: 'later@people.test' })).status,
    ).toBe(409);
  });

  it('lets nobody answer an invitation of someone else', async () => {
    const { Eve: eve, Mallory: mallory } = people;
    const group = await eve.get(Group, 'POST', '/api/groups', { name: 'Summer' });
    const path = `/api/groups/${group.id}/invitations`;
    const { id } = await eve.get(Invitation, 'POST', path, { email: 'finn@people.test' });
    expect((await mallory.call('POST', `/api/invitations/${id}/accept`)).status).toBe(404);
    expect((await mallory.call('POST', `/api/invitations/${id}/decline`)).status).toBe(404);
    expect((await eve.get(Group, 'GET', `/api/groups/${group.id}`)).members).toHaveLength(1);
  });
});
