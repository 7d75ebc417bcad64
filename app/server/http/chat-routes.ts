import { Hono } from 'hono';
import { listConversations, markRead } from '../chat/conversations.ts';
import { getImage } from '../chat/images.ts';
import { listMessages } from '../chat/messages.ts';
import { requireParty } from '../chat/party.ts';
import type { Database } from '../database/open-database.ts';
import type { SignedIn } from './signed-in.ts';

/** `/conversations` and `/images`: reading. What is said goes over the socket. */
export const chatRoutes = (db: Database) =>
  new Hono<SignedIn>()
    .get('/conversations', async (context) =>
      context.json(await listConversations(db, context.get('userId'))),
    )
    .get('/conversations/:id/messages', async (context) => {
      const party = await requireParty(db, context.get('userId'), context.req.param('id'));
      return context.json(await listMessages(db, party, context.req.query('before')));
    })
    .post('/conversations/:id/read', async (context) => {
      await markRead(db, await requireParty(db, context.get('userId'), context.req.param('id')));
      return context.body(null, 204);
    })
    .get('/images/:id', async (context) => {
      const { mime, bytes } = await getImage(db, context.get('userId'), context.req.param('id'));
      return context.body(bytes, 200, {
        'content-type': mime,
        // What a person uploaded never runs as a page of ours, even when it is opened directly.
        'content-security-policy': "default-src 'none'; sandbox",
        'content-disposition': 'inline',
      });
    });
