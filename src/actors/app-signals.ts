import type { SignalEvent } from '../../machines/index.ts';
import { ignoreRejection } from '../lib/unawaited.ts';
import type { StatesocketError } from '../protocol/errors.ts';
import { mistake } from '../protocol/mistake.ts';
import type { Signals } from './signals.ts';

/** What an app may tell of the page and the network around a connection. */
export const SIGNALS = [
  'network.lost',
  'network.restored',
  'page.shown',
  'page.suspended',
  'page.resumed',
] as const satisfies readonly SignalEvent['type'][];

/**
 * Something that the page or the network does.
 * - `network.lost`: the platform says that it is offline. A hint: open sockets are left alone.
 * - `network.restored`: it is online again. A connection that waits dials now.
 * - `page.shown`: somebody looks at the app again. A connection that waits dials now; an open one is probed, if it can be.
 * - `page.suspended`: the app goes to the background, and its timers with it. The socket is closed.
 * - `page.resumed`: it is back from there. It dials.
 */
export type Signal = (typeof SIGNALS)[number];

/** Listens to the app's own sources of signals, from the start of a connection to its end. Returns what ends that. */
export type SignalSource = (tell: (signal: Signal) => void) => () => void;

/** The signals of an app's own sources. Whatever it does is contained, and reported as `signals-failed`, each kind of fault once. */
export const createAppSignals = (
  source: SignalSource,
  report: (error: StatesocketError) => void,
): Signals => {
  const told = new Set<string>();
  const failed = (what: string, cause?: unknown): void => {
    if (told.has(what)) return;
    told.add(what);
    report(mistake(['signals'], 'signals-failed', `The signals option ${what}`, { cause }));
  };
  /** What is listened to, from start to stop, and what ends that. */
  let heeded: { end: (() => void) | null } | null = null;

  const begin = (own: object, tell: (event: SignalEvent) => void): unknown => {
    try {
      return source((said) => {
        const signal = SIGNALS.find((known) => known === said);
        if (heeded !== own) failed('told a signal after it was ended. The signal was dropped.');
        else if (signal === undefined) failed('told what is no signal.');
        else tell({ type: signal });
      });
    } catch (cause) {
      failed('threw. The connection has the signals that were told until then.', cause);
      return () => {};
    }
  };

  const end = (ending: NonNullable<typeof heeded>): void => {
    try {
      ignoreRejection(ending.end?.());
    } catch (cause) {
      failed('threw when it was ended.', cause);
    }
  };

  return {
    start(tell) {
      const own: NonNullable<typeof heeded> = { end: null };
      heeded = own;
      const returned = begin(own, tell);
      if (typeof returned === 'function') {
        own.end = returned as () => void;
        // What it told as it began may have ended it.
        if (heeded !== own) end(own);
        return;
      }
      // An async function cannot be one: what ends it comes too late.
      ignoreRejection(returned);
      failed('returned no function.');
    },
    stop() {
      const ending = heeded;
      heeded = null;
      if (ending !== null) end(ending);
    },
  };
};
