import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context, Hono } from 'hono';

/** File names under /assets/ carry a hash of their content, so they never change. */
const FOR_EVER = 'public, max-age=31536000, immutable';

const escapeAttribute = (text: string): string =>
  text.replace(/[&"<>]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/**
 * The built web app. Every path that is no file is a page of the app, so it gets index.html.
 * @param sentryDsn Where the page reports errors; it finds it in a `<meta>` of its own.
 */
export const webFiles = (webDir: string, sentryDsn?: URL) => {
  const root = relative(process.cwd(), webDir);
  const meta = sentryDsn && `<meta name="sentry-dsn" content="${escapeAttribute(sentryDsn.href)}">`;
  const page = async (context: Context) => {
    const html = await readFile(join(webDir, 'index.html'), 'utf8');
    return context.html(meta === undefined ? html : html.replace('</head>', () => `${meta}</head>`));
  };
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
    .get('/', page)
    .get('/index.html', page)
    .get('*', serveStatic({ root }))
    .get('*', page);
};
