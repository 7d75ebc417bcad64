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
  let end: (() => void) | null = null;
  let isOver = false;

  const begin = (tell: (event: SignalEvent) => void): unknown => {
    try {
      return source((said) => {
        const signal = SIGNALS.find((known) => known === said);
        if (isOver) failed('told a signal after it was ended. The signal was dropped.');
        else if (signal === undefined) failed('told what is no signal.');
        else tell({ type: signal });
      });
    } catch (cause) {
      failed('threw. The connection has the signals that were told until then.', cause);
      return () => {};
    }
  };

  return {
    start(tell) {
      isOver = false;
      const returned = begin(tell);
      if (typeof returned === 'function') {
        end = returned as () => void;
        return;
      }
      // An async function cannot be one: what ends it comes too late.
      ignoreRejection(returned);
      failed('returned no function.');
    },
    stop() {
      isOver = true;
      const ending = end;
      end = null;
      try {
        ignoreRejection(ending?.());
      } catch (cause) {
        failed('threw when it was ended.', cause);
      }
    },
  };
};
