import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TrustProxy } from 'statesocket/gateway';
import { StatesocketError } from 'statesocket/protocol';
import { DEMO_PAIR, DEMO_PASSWORD } from './demo-data.ts';
import { type RunningServer, startServer } from './main.ts';
import { StartError } from './start-error.ts';

/** `npm start` ends here. The settings come from the environment variables that docs/redngift.md lists. */
const DEFAULT_PORT = '3000';
/** npm passes the terminal's Ctrl-C on to a process that has it from the terminal already: that is one, not two. */
const SAME_SIGNAL_MS = 300;
/** What has not stopped by then is cut off: whoever stops us kills us some time after. */
const STOP_MS = 3_500;

const readPort = (text: string): number => {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new StartError(`PORT must be a whole number from 0 to 65535, and not "${text}".`);
};

/** "1" is a number of proxies, anything else a list of addresses and networks. Empty and "0": none. */
const readTrustProxy = (text: string): TrustProxy => {
  if (/^\s*0*\s*$/.test(text)) return false;
  return /^\d+$/.test(text) ? Number(text) : text.split(/[\s,]+/).filter(Boolean);
};

const readSentryDsn = (text: string | undefined): URL | undefined => {
  if (!text) return undefined;
  if (URL.canParse(text)) return new URL(text);
  throw new StartError('SENTRY_DSN must be the URL that Sentry shows for the project.');
};

const describe = ({ url, hasDemoUsers, isLocalOnly }: RunningServer, dataDir: string): string => {
  const { giver, recipient, groupName } = DEMO_PAIR;
  const demo = [
    `  Sign in as two people, each in a browser or a private window of their own. Password of both: ${DEMO_PASSWORD}`,
    `    ${giver.email}  is the Secret Santa of ${recipient.name} in the group "${groupName}"`,
    `    ${recipient.email}  gets ${giver.name}'s messages and is never told who sends them`,
    isLocalOnly
      ? '  Only this computer reaches it, because that password is public. To let others in: HOST=0.0.0.0 npm start'
      : '  Whoever reaches it can sign in with that password, which is public. Without demo users: DEMO_DATA=off and a new DATA_DIR',
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
    setTimeout(() => {
      console.error('Stopping took too long. What still ran was cut off.');
      process.exit(1);
    }, STOP_MS);
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
    host: process.env.HOST?.trim(),
    dataDir,
    webDir: fileURLToPath(new URL('../web', import.meta.url)),
    allowedOrigins: (process.env.ALLOWED_ORIGINS ?? '').split(/[\s,]+/).filter(Boolean),
    trustProxy: readTrustProxy(process.env.TRUST_PROXY ?? ''),
    sentryDsn: readSentryDsn(process.env.SENTRY_DSN),
    demoData: process.env.DEMO_DATA !== 'off',
  });
  stopOnSignals(server);
  console.info(describe(server, dataDir));
} catch (error) {
  // A setting that is wrong is told by its name here; anything else is a bug, with its stack.
  const isSetting = error instanceof StatesocketError && error.code === 'bad-option';
  if (!(error instanceof StartError || isSetting)) throw error;
  console.error(
    error.message.replace(/^allowedOrigins/, 'ALLOWED_ORIGINS').replace(/^trustProxy/, 'TRUST_PROXY'),
  );
  process.exitCode = 1;
}
