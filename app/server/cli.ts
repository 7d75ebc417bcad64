import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEMO_PAIR, DEMO_PASSWORD } from './demo-data.ts';
import { type RunningServer, startServer } from './main.ts';
import { StartError } from './start-error.ts';

/** `npm start` ends here: the server with its settings from the environment: docs/decisions/app-server.md lists them. */
const DEFAULT_PORT = '3000';
/** npm passes the terminal's Ctrl-C on to a process that has it from the terminal already: that is one, not two. */
const SAME_SIGNAL_MS = 300;

const readPort = (text: string): number => {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new StartError(`PORT must be a whole number from 0 to 65535, and not "${text}".`);
};

const readSentryDsn = (text: string | undefined): URL | undefined => {
  if (!text) return undefined;
  if (URL.canParse(text)) return new URL(text);
  throw new StartError('SENTRY_DSN must be the URL that Sentry shows for the project.');
};

const describe = ({ url, hasDemoUsers }: RunningServer, dataDir: string): string => {
  const { giver, recipient, groupName } = DEMO_PAIR;
  const demo = [
    `  Sign in as two people, each in a browser or a private window of their own. Password of both: ${DEMO_PASSWORD}`,
    `    ${giver.email}  is the Secret Santa of ${recipient.name} in the group "${groupName}"`,
    `    ${recipient.email}  gets ${giver.name}'s messages and is never told who sends them`,
  ];
  return [
    '',
    `RednGift is running at ${url}`,
    ...(hasDemoUsers ? demo : []),
    `  Data is kept in ${resolve(dataDir)}. Press Ctrl-C to stop.`,
    '',
  ].join('\n');
};

const stopOnSignals = (server: RunningServer): void => {
  let firstAt: number | undefined;
  const stop = () => {
    if (firstAt !== undefined) {
      if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(130);
      return;
    }
    firstAt = performance.now();
    console.info('Stopping. Press Ctrl-C again to stop at once.');
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error('The server did not stop cleanly:', error);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
};

try {
  const dataDir = process.env.DATA_DIR || './data';
  const server = await startServer({
    port: readPort(process.env.PORT || DEFAULT_PORT),
    dataDir,
    webDir: fileURLToPath(new URL('../web', import.meta.url)),
    allowedOrigins: (process.env.ALLOWED_ORIGINS ?? '').split(/[\s,]+/).filter(Boolean),
    sentryDsn: readSentryDsn(process.env.SENTRY_DSN),
    demoData: process.env.DEMO_DATA !== 'off',
  });
  stopOnSignals(server);
  console.info(describe(server, dataDir));
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
