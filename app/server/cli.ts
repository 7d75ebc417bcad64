import { fileURLToPath } from 'node:url';
import type { TrustProxy } from 'statesocket/gateway';
import { StatesocketError } from 'statesocket/protocol';
import { DEMO_PAIR, DEMO_PASSWORD } from './demo-data.ts';
import { type RunningServer, type ServerOptions, startServer } from './main.ts';
import { createLog, LOG_LEVELS, type LogLevel } from './operations/log.ts';
import { StartError } from './start-error.ts';

/** `npm start` ends here. The settings come from the environment variables that docs/redngift.md lists. */
const DEFAULT_PORT = '3000';
/** npm passes the terminal's Ctrl-C on to a process that has it from the terminal already: that is one, not two. */
const SAME_SIGNAL_MS = 300;
/** What has not stopped so long after its drain is cut off: whoever stops us kills us some time after. */
const STOP_MS = 3_500;
/** What a drain may take beyond its time: a command that runs is waited for. */
const LAST_COMMANDS_MS = 1_500;

const readNumber = (name: string, text: string, most: number, least = 0): number => {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new StartError(`${name} must be a whole number from ${least} to ${most}, and not "${text}".`);
};

const MAX_PORT = 65_535;

/** Nothing is there for operators until a port is named. */
const readOps = (port: string | undefined, host: string | undefined): ServerOptions['ops'] =>
  port ? { port: readNumber('OPS_PORT', port, MAX_PORT), host: host?.trim() || '127.0.0.1' } : undefined;

const readLogLevel = (text: string): LogLevel => {
  const level = LOG_LEVELS.find((one) => one === text);
  if (level !== undefined) return level;
  throw new StartError(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}, and not "${text}".`);
};

/** An hour is more than any supervisor waits. */
const MAX_DRAIN_MS = 3_600_000;

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

const describe = ({ url, place, opsUrl, hasDemoUsers, isLocalOnly }: RunningServer): string => {
  const { giver, recipient, groupName } = DEMO_PAIR;
  const demo = [
    `  Sign in as two people, each in a browser or a private window of their own. Password of both: ${DEMO_PASSWORD}`,
    `    ${giver.email}  is the Secret Santa of ${recipient.name} in the group "${groupName}"`,
    `    ${recipient.email}  gets ${giver.name}'s messages and is never told who sends them`,
    isLocalOnly
      ? '  Only this computer reaches it, because that password is public. To let others in: HOST=0.0.0.0 npm start'
      : '  Whoever reaches it can sign in with that password, which is public. Without demo users: DEMO_DATA=off and a new DATA_DIR or database',
  ];
  return [
    '',
    `RednGift is running at ${url}`,
    ...(hasDemoUsers ? demo : []),
    ...(opsUrl === null ? [] : [`  For operators: ${opsUrl}/healthz, /readyz and /metrics.`]),
    `  Data is kept in ${place}. Press Ctrl-C to stop.`,
    '',
  ].join('\n');
};

const stopOnSignals = (server: RunningServer, drainMs: number): void => {
  let firstAt: number | undefined;
  const stop = () => {
    if (firstAt !== undefined) {
      if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(130);
      return;
    }
    firstAt = performance.now();
    console.info('Stopping. Press Ctrl-C again to stop at once.');
    setTimeout(
      () => {
        console.error('Stopping took too long. What still ran was cut off.');
        process.exit(1);
      },
      drainMs + LAST_COMMANDS_MS + STOP_MS,
    );
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
  const drain = {
    leadMs: readNumber('DRAIN_LEAD_MS', process.env.DRAIN_LEAD_MS || '0', MAX_DRAIN_MS),
    withinMs: readNumber('DRAIN_MS', process.env.DRAIN_MS || '3000', MAX_DRAIN_MS),
    dialsPerSecond: readNumber('DRAIN_DIALS_PER_SECOND', process.env.DRAIN_DIALS_PER_SECOND || '200', 1e6, 1),
  };
  const server = await startServer({
    port: readNumber('PORT', process.env.PORT || DEFAULT_PORT, MAX_PORT),
    host: process.env.HOST?.trim(),
    dataDir: process.env.DATA_DIR || './data',
    databaseUrl: process.env.DATABASE_URL,
    databaseListenUrl: process.env.DATABASE_LISTEN_URL,
    redisUrl: process.env.REDIS_URL,
    webDir: fileURLToPath(new URL('../web', import.meta.url)),
    allowedOrigins: (process.env.ALLOWED_ORIGINS ?? '').split(/[\s,]+/).filter(Boolean),
    trustProxy: readTrustProxy(process.env.TRUST_PROXY ?? ''),
    sentryDsn: readSentryDsn(process.env.SENTRY_DSN),
    demoData: process.env.DEMO_DATA !== 'off',
    ops: readOps(process.env.OPS_PORT, process.env.OPS_HOST),
    drain,
    log: createLog(readLogLevel(process.env.LOG_LEVEL || 'warn')),
  });
  stopOnSignals(server, drain.leadMs + drain.withinMs);
  console.info(describe(server));
} catch (error) {
  // A setting that is wrong is told by its name here; anything else is a bug, with its stack.
  const isSetting = error instanceof StatesocketError && error.code === 'bad-option';
  if (!(error instanceof StartError || isSetting)) throw error;
  console.error(
    error.message.replace(/^allowedOrigins/, 'ALLOWED_ORIGINS').replace(/^trustProxy/, 'TRUST_PROXY'),
  );
  process.exitCode = 1;
}
