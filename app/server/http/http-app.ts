import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ApiError } from '../../contract/http-api.ts';
import type { Changes } from '../announcing/changes.ts';
import { createRequestTurns } from '../limits/request-turns.ts';
import type { Log } from '../operations/log.ts';
import { notFound, REFUSAL_STATUS, Refusal } from '../refusal.ts';
import { type AccountServices, accountRoutes } from './account-routes.ts';
import { chatRoutes } from './chat-routes.ts';
import { groupRoutes } from './group-routes.ts';
import { securityHeaders } from './security-headers.ts';
import { requireSession } from './signed-in.ts';
import { webFiles } from './web-files.ts';

/** The largest request body: names, addresses and passwords. Images go over the socket. */
const MAX_BODY_BYTES = 16 * 1024;

export interface WebPages {
  /** The folder of the built web app. @default none: the API only */
  readonly webDir?: string | undefined;
  /** Where the page reports errors to. @default nowhere */
  readonly sentryDsn?: URL | undefined;
}

/** What the HTTP side is made of. */
interface HttpServices extends AccountServices {
  /** Whatever changes something that others hear of. */
  readonly changes: Changes;
  /** Takes what went wrong on our side. */
  readonly log: Log['error'];
}

/**
 * RednGift's HTTP side: the API of app/contract/http-api.ts under /api, and the built web app.
 */
export const createHttpApp = (services: HttpServices, { webDir, sentryDsn }: WebPages) => {
  const { db, changes, log } = services;
  const signedIn = requireSession(db, createRequestTurns());
  const tooLarge = () => {
    throw new Refusal('too-large', 'The request is too large.');
  };
  const api = new Hono()
    .use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge }))
    .use(async (context, next) => {
      await next();
      context.res.headers.set('cache-control', 'no-store');
    })
    .route('/', accountRoutes(services, signedIn))
    .use(signedIn)
    .route('/', groupRoutes(db, changes))
    .route('/', chatRoutes(db))
    .all('*', () => {
      throw notFound('address');
    });
  const app = new Hono<{ Bindings: HttpBindings }>().use(securityHeaders(sentryDsn)).route('/api', api);
  if (webDir !== undefined) app.route('/', webFiles(webDir, sentryDsn));
  return app
    .notFound((context) =>
      context.json({ error: 'not-found', message: 'There is nothing here.' } satisfies ApiError, 404),
    )
    .onError((error, context) => {
      if (error instanceof Refusal) {
        const { kind, message, retryAfterMs } = error;
        if (retryAfterMs !== null) context.header('Retry-After', String(Math.ceil(retryAfterMs / 1_000)));
        return context.json({ error: kind, message } satisfies ApiError, REFUSAL_STATUS[kind]);
      }
      // A peer that breaks off in its request is no failure of ours, and gets no response.
      if (context.env.incoming.errored === null) log(error, 'A request failed.');
      return context.json(
        { error: 'internal', message: 'Something went wrong on our side.' } satisfies ApiError,
        500,
      );
    });
};
