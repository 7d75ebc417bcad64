import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { CloseCode } from 'statesocket/protocol';
import { type Session, SignIn, SignUp, type User } from '../../contract/http-api.ts';
import { endSession, startSession } from '../accounts/sessions.ts';
import { createSignInLimit } from '../accounts/sign-in-limit.ts';
import { authenticateUser, createUser, getUser } from '../accounts/users.ts';
import type { Database } from '../database/open-database.ts';
import { jsonBody } from './json-body.ts';
import { requireSession, type SignedIn } from './signed-in.ts';

/** What signing out needs of the gateway. */
export interface Disconnecter {
  disconnectUser(userId: string, code: number, reason: string): unknown;
}

/**
 * `POST /users` and `/session`: signing up, in and out.
 * @param addressOf The network that a request is counted under, for the limit of sign-ins.
 */
export const accountRoutes = (
  db: Database,
  gateway: Disconnecter,
  addressOf: (request: IncomingMessage) => string,
) => {
  const limit = createSignInLimit();
  const signedIn = requireSession(db);
  const sessionOf = async (user: User): Promise<Session> => ({ ...(await startSession(db, user.id)), user });
  return new Hono<SignedIn & { Bindings: HttpBindings }>()
    .post('/users', async (context) => {
      const user = await createUser(db, await jsonBody(context, SignUp));
      return context.json(await sessionOf(user), 201);
    })
    .post('/session', async (context) => {
      const credentials = await jsonBody(context, SignIn);
      limit.begin(addressOf(context.env.incoming), credentials.email);
      const user = await authenticateUser(db, credentials);
      limit.succeed(addressOf(context.env.incoming), credentials.email);
      return context.json(await sessionOf(user));
    })
    .get('/session', signedIn, async (context) => context.json(await getUser(db, context.get('userId'))))
    .delete('/session', signedIn, async (context) => {
      const userId = context.get('userId');
      const { othersCount } = await endSession(db, context.get('token'), userId);
      // With another session left its sockets must live: the gateway's next heartbeat finds the revoked ones.
      if (othersCount === 0) await gateway.disconnectUser(userId, CloseCode.Unauthenticated, 'signed out');
      return context.body(null, 204);
    });
};
