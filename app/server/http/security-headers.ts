import type { MiddlewareHandler } from 'hono';

/** What may stand in a Host header; anything else does not get into the policy. */
const HOST = /^[\w.:[\]-]{1,255}$/;

/**
 * The page talks to its own host only, and to Sentry where one is set. Sockets are named as well, since older browsers
 * do not count them as 'self'.
 */
const contentPolicy = (host: string, sentry: string): string =>
  [
    "default-src 'self'",
    `connect-src 'self'${HOST.test(host) ? ` ws://${host} wss://${host}` : ''}${sentry}`,
    "img-src 'self' blob:",
    // react-toastify puts its style sheet into the page as an element.
    "style-src 'self' 'unsafe-inline'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');

/** The security headers of every response. A route may set a stricter policy of its own. */
export const securityHeaders = (sentryDsn?: URL): MiddlewareHandler => {
  const sentry = sentryDsn === undefined ? '' : ` ${sentryDsn.origin}`;
  return async (context, next) => {
    await next();
    const { headers } = context.res;
    if (!headers.has('content-security-policy')) {
      headers.set('content-security-policy', contentPolicy(context.req.header('host') ?? '', sentry));
    }
    headers.set('x-content-type-options', 'nosniff');
    headers.set('x-frame-options', 'DENY');
    headers.set('referrer-policy', 'no-referrer');
    headers.set('cross-origin-opener-policy', 'same-origin');
    headers.set('cross-origin-resource-policy', 'same-origin');
  };
};
