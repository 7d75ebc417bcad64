import { Hono } from 'hono';
import { NewGroup, NewInvitation } from '../../contract/http-api.ts';
import type { Changes } from '../announcing/changes.ts';
import type { Database } from '../database/open-database.ts';
import { createGroup, getGroup, listGroups } from '../groups/groups.ts';
import { acceptInvitation, declineInvitation, invite, listInvitations } from '../groups/invitations.ts';
import { drawRaffle } from '../groups/raffle.ts';
import {
  announceGroup,
  announceInvitation,
  announceInvited,
  announceRaffle,
} from '../socket/announcements.ts';
import { jsonBody } from './json-body.ts';
import type { SignedIn } from './signed-in.ts';

/** `/groups` and `/invitations`. Whatever changes a group brings the news of it to its members. */
export const groupRoutes = (db: Database, changes: Changes) =>
  new Hono<SignedIn>()
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
      const invitation = await changes.make(async (transaction, telling) => {
        const made = await invite(transaction, context.get('userId'), context.req.param('id'), email);
        await announceInvitation(transaction, telling, email, made);
        await announceInvited(transaction, telling, made.groupId);
        return made;
      });
      return context.json(invitation, 201);
    })
    .post('/groups/:id/raffle', async (context) => {
      const userId = context.get('userId');
      const group = await changes.make(async (transaction, telling) => {
        const { drawn } = await drawRaffle(transaction, userId, context.req.param('id'));
        const known = await getGroup(transaction, userId, context.req.param('id'));
        if (drawn) await announceRaffle(transaction, telling, known);
        return known;
      });
      return context.json(group);
    })
    .get('/invitations', async (context) => context.json(await listInvitations(db, context.get('userId'))))
    .post('/invitations/:id/accept', async (context) => {
      const userId = context.get('userId');
      const groupId = await changes.make(async (transaction, telling) => {
        const joined = await acceptInvitation(transaction, userId, context.req.param('id'));
        await announceGroup(transaction, telling, joined);
        return joined;
      });
      return context.json(await getGroup(db, userId, groupId));
    })
    .post('/invitations/:id/decline', async (context) => {
      await changes.make(async (transaction, telling) => {
        const left = await declineInvitation(transaction, context.get('userId'), context.req.param('id'));
        await announceInvited(transaction, telling, left);
      });
      return context.body(null, 204);
    });
