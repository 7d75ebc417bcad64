import { relative } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';

/** File names under /assets/ carry a hash of their content, so they never change. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** The built web app. Every path that is no file is a page of the app, so it gets index.html. */
export const webFiles = (webDir: string) => {
  const root = relative(process.cwd(), webDir);
  return new Hono()
    .use('/assets/*', async (context, next) => {
      await next();
      if (context.res.ok) context.res.headers.set('cache-control', FOR_EVER);
    })
    .use('/assets/*', serveStatic({ root }))
    .get('/assets/*', (context) => context.notFound())
    .use('*', async (context, next) => {
      await next();
      if (!context.res.headers.has('cache-control')) context.res.headers.set('cache-control', 'no-cache');
    })
    .get('*', serveStatic({ root }))
    .get('*', serveStatic({ root, path: 'index.html' }));
};
