import { type Clock, platformClock, type TimerHandle } from '../lib/clock.ts';

/** How many errors of one kind are printed in one window; the rest is counted. */
const LINES_COUNT = 5;
const WINDOW_MS = 10_000;
/** A line does not grow with what a peer or a driver wrote. */
const MAX_LINE_LENGTH = 400;

/** What {@link createErrorLog} takes. */
export interface ErrorLogOptions {
  /** What each line begins with. @default 'statesocket gateway' */
  readonly prefix?: string;
  /** Where the lines go. @default console.error */
  readonly print?: (line: string) => void;
  /** @default the platform's */
  readonly clock?: Clock;
}

/** A log of errors that strangers can cause but not flood. Made by {@link createErrorLog}. */
export interface ErrorLog {
  (error: unknown): void;
  /** Prints what was counted and not told yet. Leaves no timer. */
  flush(): void;
}

const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
};

const textOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message} (${cause.name}: ${cause.message})` : error.message;
};

/** Control characters would let a peer write lines of its own, or colours. */
const oneLine = (text: string): string => {
  const plain = text.replace(/\p{Cc}+/gu, ' ');
  return plain.length > MAX_LINE_LENGTH ? `${plain.slice(0, MAX_LINE_LENGTH)}…` : plain;
};

/**
 * Makes a log that prints each error as one line, with its code and its cause but without a stack, and no more than five of
 * one code in 10 s. How many were left out it says when those 10 s are over.
 *
 * It is the default of a gateway's `onError`. Use it in one of your own, beside what else you do with errors.
 *
 * @example
 * const log = createErrorLog();
 * createGateway({ …, onError: (error) => { count(error.code); log(error); } });
 */
export const createErrorLog = (options: ErrorLogOptions = {}): ErrorLog => {
  const {
    prefix = 'statesocket gateway',
    print = (line) => console.error(line),
    clock = platformClock,
  } = options;
  const windows = new Map<string, { printed: number; leftOut: number; timer: TimerHandle }>();
  const close = (code: string) => {
    const window = windows.get(code);
    if (window === undefined) return;
    windows.delete(code);
    clock.clearTimeout(window.timer);
    if (window.leftOut > 0) print(`${prefix}: ${code}: ${window.leftOut} more like it were left out.`);
  };
  const log = (error: unknown) => {
    const code = oneLine(codeOf(error));
    let window = windows.get(code);
    if (window === undefined) {
      const timer = clock.setTimeout(() => close(code), WINDOW_MS);
      // No process stays for a line of the log.
      if (typeof timer === 'object' && 'unref' in timer) (timer as NodeJS.Timeout).unref();
      window = { printed: 0, leftOut: 0, timer };
      windows.set(code, window);
    }
    if (window.printed >= LINES_COUNT) window.leftOut += 1;
    else {
      window.printed += 1;
      print(oneLine(`${prefix}: ${code}: ${textOf(error)}`));
    }
  };
  return Object.assign(log, {
    flush() {
      for (const code of [...windows.keys()]) close(code);
    },
  });
};
