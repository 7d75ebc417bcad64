import { pino } from 'pino';
import { StatesocketError } from 'statesocket/protocol';

/** How many lines of one kind are printed in one window; the rest is counted. */
const LINES_COUNT = 5;
const WINDOW_MS = 10_000;
/** What a peer or a driver wrote does not fill the log. */
const MAX_MESSAGE_LENGTH = 400;
const MAX_STACK_LENGTH = 2_000;

export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a line may say beside its text. */
interface LogFields {
  readonly connectionId?: string;
  readonly [name: string]: unknown;
}

/** The server's log: JSON lines. */
export interface Log {
  /** Something went wrong. Of one kind five in 10 s are printed, and then how many were left out. */
  error(error: unknown, what?: string, fields?: LogFields): void;
  info(what: string, fields?: LogFields): void;
  /** Prints what was counted and not told yet. Leaves no timer. */
  flush(): void;
}

/** What strangers can cause is no fault of the server. */
const WARNINGS: ReadonlySet<string> = new Set(['socket-error', 'upgrade-refused']);

/** Wherever they stand: tickets in a URL, and tokens after their scheme. */
const withoutSecrets = (text: string): string =>
  text
    .replace(/\/connect\/[^/\s?"']+/g, '/connect/[redacted]')
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]');

const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length)}…` : text;

const plain = (text: string, length = MAX_MESSAGE_LENGTH): string => cut(withoutSecrets(text), length);

const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
};

/** An error as a line has it. Of ours, which say what is the matter, without a stack. */
const described = (error: unknown): object => {
  if (!(error instanceof Error)) return { message: plain(String(error)) };
  const { cause, stack } = error;
  return {
    message: plain(error.message),
    ...(cause instanceof Error ? { cause: plain(`${cause.name}: ${cause.message}`) } : {}),
    ...(error instanceof StatesocketError || stack === undefined
      ? {}
      : { stack: plain(stack, MAX_STACK_LENGTH) }),
  };
};

/** Names whose values are nobody's to read, at the top of a line and one level below. */
const SECRETS = ['token', 'ticket', 'password', 'cookie', 'authorization', 'set-cookie', 'email', 'text'];
const PATHS = SECRETS.flatMap((name) => [`["${name}"]`, `*["${name}"]`]);

/** @param print Where the lines go, each with its line break. @default the process's standard error */
export const createLog = (
  level: LogLevel,
  print: { write(line: string): void } = pino.destination({ fd: 2, sync: true }),
): Log => {
  const options = { level, base: { pid: process.pid }, redact: { paths: PATHS, censor: '[redacted]' } };
  const logger = pino(options, print);
  const windows = new Map<string, { printed: number; leftOut: number; timer: NodeJS.Timeout }>();
  const close = (code: string) => {
    const window = windows.get(code);
    if (window === undefined) return;
    windows.delete(code);
    clearTimeout(window.timer);
    if (window.leftOut > 0) logger.warn({ code, leftOut: window.leftOut }, 'More like it were left out.');
  };
  return {
    error(error, what = 'Something went wrong.', fields = {}) {
      const code = plain(codeOf(error), 64);
      const window = windows.get(code) ?? {
        printed: 0,
        leftOut: 0,
        // No process stays for a line of the log.
        timer: setTimeout(() => close(code), WINDOW_MS).unref(),
      };
      windows.set(code, window);
      if (window.printed >= LINES_COUNT) {
        window.leftOut += 1;
        return;
      }
      window.printed += 1;
      logger[WARNINGS.has(code) ? 'warn' : 'error']({ ...fields, code, ...described(error) }, what);
    },
    info: (what, fields = {}) => logger.info(fields, what),
    flush() {
      for (const code of [...windows.keys()]) close(code);
    },
  };
};
