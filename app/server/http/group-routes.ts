import { Hono } from 'hono';
import { NewGroup, NewInvitation } from '../../contract/http-api.ts';
import type { Database } from '../database/open-database.ts';
import { createGroup, getGroup, listGroups } from '../groups/groups.ts';
import { acceptInvitation, declineInvitation, invite, listInvitations } from '../groups/invitations.ts';
import { drawRaffle } from '../groups/raffle.ts';
import type { Log } from '../operations/log.ts';
import {
  announceGroup,
  announceInvitation,
  announceInvited,
  announceRaffle,
  type Publisher,
} from '../socket/announcements.ts';
import { jsonBody } from './json-body.ts';
import type { SignedIn } from './signed-in.ts';

/** `/groups` and `/invitations`. Whatever changes a group is committed before its members are told. */
export const groupRoutes = (db: Database, publisher: Publisher, log: Log['error']) => {
  // The change is committed and shows at the next reload: a failed announcement is reported, the request succeeds.
  const report = (error: unknown): void => log(error, 'An announcement failed.');
  return new Hono<SignedIn>()
    .get('/groups', async (context) =>
      context.json(await listGroups(db, context.get('userId'), context.req.query('after'))),
    )
    .post('/groups', async (context) => {
      const { name } = await jsonBody(context, NewGroup);
      return context.json(await createGroup(db, context.get('userId'), name), 201);
    })
    .get('/groups/:id', async (context) =>
      context.json(await getGroup(db, context.get('userId'), context.req.param('id'))),
    )
    .post('/groups/:id/invitations', async (context) => {
      const { email } = await jsonBody(context, NewInvitation);
      const invitation = await invite(db, context.get('userId'), context.req.param('id'), email);
      await announceInvitation(db, publisher, email, invitation).catch(report);
      await announceInvited(db, publisher, invitation.groupId).catch(report);
      return context.json(invitation, 201);
    })
    .post('/groups/:id/raffle', async (context) => {
      const userId = context.get('userId');
      const { drawn } = await drawRaffle(db, userId, context.req.param('id'));
      const group = await getGroup(db, userId, context.req.param('id'));
      if (drawn) await announceRaffle(db, publisher, group).catch(report);
      return context.json(group);
    })
    .get('/invitations', async (context) => context.json(await listInvitations(db, context.get('userId'))))
    .post('/invitations/:id/accept', async (context) => {
      const userId = context.get('userId');
      const groupId = await acceptInvitation(db, userId, context.req.param('id'));
      await announceGroup(db, publisher, groupId).catch(report);
      return context.json(await getGroup(db, userId, groupId));
    })
    .post('/invitations/:id/decline', async (context) => {
      const groupId = await declineInvitation(db, context.get('userId'), context.req.param('id'));
      await announceInvited(db, publisher, groupId).catch(report);
      return context.body(null, 204);
    });
};
