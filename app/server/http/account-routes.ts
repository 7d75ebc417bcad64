import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { Hono, type MiddlewareHandler } from 'hono';
import { CloseCode } from 'statesocket/protocol';
import { type Session, SignIn, SignUp, type Ticket, type User } from '../../contract/http-api.ts';
import type { Passwords } from '../accounts/passwords.ts';
import { endAllSessions, endSession, sessionOfToken, startSession } from '../accounts/sessions.ts';
import type { Tickets } from '../accounts/tickets.ts';
import { authenticateUser, createUser, getUser } from '../accounts/users.ts';
import type { Database } from '../database/open-database.ts';
import { isDemoAddress } from '../demo-data.ts';
import type { SignInLimit } from '../limits/sign-in-limit.ts';
import type { Waitable } from '../limits/waitable.ts';
import type { WindowLimit } from '../limits/window-limit.ts';
import { Refusal } from '../refusal.ts';
import { jsonBody } from './json-body.ts';
import type { SignedIn } from './signed-in.ts';

/** What signing out needs of the gateway. */
export interface Disconnecter {
  disconnectUser(userId: string, code: number, reason: string): unknown;
}

/** What the routes for accounts are made of. */
export interface AccountServices {
  readonly db: Database;
  readonly gateway: Disconnecter;
  readonly passwords: Passwords;
  readonly tickets: Waitable<Pick<Tickets, 'issue'>>;
  readonly signIns: Waitable<SignInLimit>;
  readonly signUps: Waitable<Pick<WindowLimit, 'take'>>;
  /** The network that a request comes from: limits count by it. */
  readonly addressOf: (request: IncomingMessage) => string;
}

/** `/users`, `/session`, `/sessions` and `/ticket`: signing up, in and out, here and everywhere, and what a socket is dialled with. */
export const accountRoutes = (
  { db, gateway, passwords, tickets, signIns, signUps, addressOf }: AccountServices,
  signedIn: MiddlewareHandler<SignedIn>,
) => {
  const sessionOf = async (user: User): Promise<Session> => ({ ...(await startSession(db, user.id)), user });
  return new Hono<SignedIn & { Bindings: HttpBindings }>()
    .post('/users', async (context) => {
      const account = await jsonBody(context, SignUp);
      const address = addressOf(context.env.incoming);
      await signUps.take(address);
      if (isDemoAddress(account.email))
        throw new Refusal('conflict', 'This e-mail address already has an account.');
      return context.json(await sessionOf(await createUser(db, passwords, account, address)), 201);
    })
    .post('/session', async (context) => {
      const credentials = await jsonBody(context, SignIn);
      const address = addressOf(context.env.incoming);
      await signIns.begin(address, credentials.email);
      const user = await authenticateUser(db, passwords, credentials, address).catch(
        async (error: unknown) => {
          // Only a password that was looked at and is wrong counts.
          if (!(error instanceof Refusal && error.kind === 'unauthenticated'))
            await signIns.abandon(address, credentials.email);
          throw error;
        },
      );
      await signIns.succeed(address, credentials.email);
      return context.json(await sessionOf(user));
    })
    .get('/session', signedIn, async (context) => context.json(await getUser(db, context.get('userId'))))
    .delete('/session', signedIn, async (context) => {
      const userId = context.get('userId');
      const { othersCount } = await endSession(db, context.get('token'), userId);
      // With another session left its sockets must live: the gateway's next heartbeat finds the revoked ones.
      if (othersCount === 0) await gateway.disconnectUser(userId, CloseCode.Unauthenticated, 'signed out');
      return context.body(null, 204);
    })
    .delete('/sessions', signedIn, async (context) => {
      const userId = context.get('userId');
      await endAllSessions(db, userId);
      await gateway.disconnectUser(userId, CloseCode.Unauthenticated, 'signed out everywhere');
      return context.body(null, 204);
    })
    .post('/ticket', signedIn, async (context) =>
      context.json((await tickets.issue(sessionOfToken(context.get('token')))) satisfies Ticket, 201),
    );
};
