import type { SignalTarget } from '../../../src/actors/signals.ts';

type Listener = Parameters<SignalTarget['addEventListener']>[1];

/** An event target that can be asked who listens. */
const createTarget = () => {
  const listeners = new Map<string, Set<Listener>>();
  return {
    addEventListener(type: string, listener: Listener): void {
      listeners.set(type, (listeners.get(type) ?? new Set()).add(listener));
    },
    removeEventListener(type: string, listener: Listener): void {
      listeners.get(type)?.delete(listener);
    },
    fires(type: string, event: { persisted?: boolean } = {}): void {
      for (const listener of [...(listeners.get(type) ?? [])]) listener(event);
    },
    /** The types that somebody listens to, one entry for each listener. */
    get listenedTo(): string[] {
      return [...listeners].flatMap(([type, { size }]) => Array<string>(size).fill(type)).sort();
    },
  };
};

/** A window, its document and the network, in the hands of a test. */
export const createStandInPage = () => {
  const window = createTarget();
  const document = Object.assign(createTarget(), { visibilityState: 'visible' });
  const navigator = { onLine: true };
  return {
    window,
    document,
    navigator,
    ports: { window: () => window, document: () => document, isOnline: () => navigator.onLine },
    turns(visibilityState: 'visible' | 'hidden'): void {
      document.visibilityState = visibilityState;
      document.fires('visibilitychange');
    },
    get listenerCount(): number {
      return window.listenedTo.length + document.listenedTo.length;
    },
  };
};
