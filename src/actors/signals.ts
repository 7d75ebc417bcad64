import type { SignalEvent } from '../../machines/index.ts';
import type { ChartActors } from './chart-actors.ts';

/** The part of a page that signals come from: `window`, or a stand-in. */
export interface SignalTarget {
  addEventListener(type: string, listener: (event: { persisted?: boolean }) => void): void;
  removeEventListener(type: string, listener: (event: { persisted?: boolean }) => void): void;
}

/** Where signals come from. Looked up when the actor starts; a server has neither, and then nothing is listened to. */
export interface SignalPorts {
  readonly window: () => SignalTarget | undefined;
  readonly document: () => (SignalTarget & { readonly visibilityState?: string }) | undefined;
  readonly isOnline: () => boolean;
}

const asTarget = (target: unknown): SignalTarget | undefined =>
  typeof (target as Partial<SignalTarget> | undefined)?.addEventListener === 'function'
    ? (target as SignalTarget)
    : undefined;

/** Whether this is a Web Worker: it has no `document`, and its global object tells when the network goes and comes. */
const isWorker = (): boolean =>
  typeof (globalThis as { WorkerGlobalScope?: unknown }).WorkerGlobalScope === 'function';

const windowOfPlatform = (): unknown => {
  if (globalThis.document !== undefined) return globalThis.window;
  return isWorker() ? globalThis : undefined;
};

/** The platform's own. Node has neither `document` nor `WorkerGlobalScope`, so its global object is not taken for a window. */
export const platformSignals: SignalPorts = {
  window: () => asTarget(windowOfPlatform()),
  document: () => asTarget(globalThis.document) as ReturnType<SignalPorts['document']>,
  isOnline: () => globalThis.navigator?.onLine !== false,
};

/** Listeners on the page, from `start` to `stop`. */
export interface Signals {
  start(tell: (event: SignalEvent) => void): void;
  /** Removes every listener. Safe to call at any time: a chart that crashed does not stop its own actors. */
  stop(): void;
}

/**
 * What the page and the network do, as facts for the chart. Decides nothing.
 *
 * Does not take `unload` or `beforeunload`: they keep a page out of the back/forward cache.
 * Source: WHATWG HTML (online, offline, pageshow, pagehide, visibilitychange), Page Lifecycle (freeze, resume).
 */
export const createSignals = (ports: SignalPorts): Signals => {
  const subscriptions: (() => void)[] = [];
  return {
    start(tell) {
      const window = ports.window();
      const document = ports.document();
      const on = (
        target: SignalTarget | undefined,
        type: string,
        eventOf: (event: { persisted?: boolean }) => SignalEvent | null,
      ): void => {
        if (target === undefined) return;
        const listener = (event: { persisted?: boolean }): void => {
          const fact = eventOf(event);
          if (fact !== null) tell(fact);
        };
        target.addEventListener(type, listener);
        subscriptions.push(() => target.removeEventListener(type, listener));
      };
      on(window, 'offline', () => ({ type: 'network.lost' }));
      on(window, 'online', () => ({ type: 'network.restored' }));
      on(window, 'focus', () => ({ type: 'page.shown' }));
      on(document, 'visibilitychange', () =>
        document?.visibilityState === 'visible' ? { type: 'page.shown' } : null,
      );
      // A page that is not kept is going away for good: the browser ends its socket.
      on(window, 'pagehide', ({ persisted }) => (persisted ? { type: 'page.suspended' } : null));
      on(window, 'pageshow', ({ persisted }) => (persisted ? { type: 'page.resumed' } : null));
      on(document, 'freeze', () => ({ type: 'page.suspended' }));
      on(document, 'resume', () => ({ type: 'page.resumed' }));
      if (window !== undefined && !ports.isOnline()) tell({ type: 'network.lost' });
    },
    stop() {
      for (const unsubscribe of subscriptions.splice(0)) unsubscribe();
    },
  };
};

/** {@link Signals} as an actor of the chart. */
export const createSignalsActor =
  (signals: Signals): ChartActors['signals'] =>
  ({ sendBack }) => {
    signals.start(sendBack);
    return signals.stop;
  };
