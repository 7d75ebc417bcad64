import type { ConnectionStatus } from '../../machines/index.ts';
import { TRAFFIC, type Traffic } from '../actors/traffic.ts';
import type { Connection } from '../client/connection.ts';
import { platformClock } from '../lib/clock.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import { createReadable } from '../lib/readable.ts';
import { createTimer } from '../lib/timer.ts';
import type { RecordedCounters } from '../recording/recording.ts';
import { createMomentFollower, type Moment } from './moments.ts';

/** What is read of a connection here. No message is, nor who listens. */
export type InspectedConnection = Pick<
  Connection,
  | 'actor'
  | 'connect'
  | 'delivery'
  | 'disconnect'
  | 'getSnapshot'
  | 'logout'
  | 'outbox'
  | 'recording'
  | 'retry'
  | 'subscribe'
  | 'userId'
>;

/** What passed in one second, of what the socket counts. */
export type Rates = Readonly<Traffic>;

/** What is shown of a connection that is watched. The same object until something changes. */
export interface LiveView {
  /** Empty where nothing is recorded (no option `recorder`). */
  readonly moments: readonly Moment[];
  readonly status: ConnectionStatus;
  /** The connection has been disposed of, or its chart has stopped on an error. */
  readonly hasEnded: boolean;
  /** Ms since the connection was made. */
  readonly nowMs: number;
  /** Null where nothing is recorded. */
  readonly counters: RecordedCounters | null;
  readonly rates: Rates;
}

/** Watches one connection while somebody subscribes. Fits `useSyncExternalStore`. */
export interface LiveSource {
  getView(): LiveView;
  subscribe(listener: () => void): Unsubscribe;
}

/** How often counters and countdowns are read, in ms. */
const SAMPLE_MS = 250;
/** Rates are taken over this long, in ms. */
const RATE_MS = 1_000;
/** Changes that come together are shown together, in ms: a frame. */
const COALESCE_MS = 16;
/** So many moments are kept. */
const MOMENT_COUNT = 500;
/** So many steps are read at a time. Where more have passed in between, the list begins again. */
const STEP_COUNT = 100;

const ratesBy = (rateOf: (name: keyof Traffic) => number): Rates =>
  Object.fromEntries(TRAFFIC.map((name) => [name, rateOf(name)])) as Rates;
const NO_RATES = ratesBy(() => 0);

type Sample = { readonly atMs: number; readonly counters: RecordedCounters };

const rateBetween = (first: Sample, last: Sample): Rates => {
  const seconds = (last.atMs - first.atMs) / 1_000;
  if (seconds <= 0) return NO_RATES;
  return ratesBy((name) => (last.counters[name] - first.counters[name]) / seconds);
};

/** Watches a connection: its charts by its flight recorder, its counters by looking four times a second. */
export const createLiveSource = (connection: InspectedConnection): LiveSource => {
  const follower = createMomentFollower(MOMENT_COUNT);
  const samples: Sample[] = [];
  const soon = createTimer(platformClock);
  const standing = (): Pick<LiveView, 'status' | 'hasEnded'> => ({
    status: connection.getSnapshot().status,
    hasEnded: connection.actor.getSnapshot().status !== 'active',
  });
  const view = createReadable<LiveView>(
    { ...standing(), moments: [], nowMs: 0, counters: null, rates: NO_RATES },
    (cause) => console.warn('statesocket: what shows a connection threw', cause),
  );

  const look = (): void => {
    // The first time all that there is, for the delays that run.
    const recording = connection.recording(
      view.current.moments.length === 0 ? undefined : { maxTransitions: STEP_COUNT },
    );
    if (recording === null) {
      view.set({ ...view.current, ...standing() });
      return;
    }
    const { atMs, counters } = recording;
    const beganAtMs = atMs - RATE_MS - SAMPLE_MS;
    samples.splice(0, samples.findLastIndex((sample) => sample.atMs <= beganAtMs) + 1);
    samples.push({ atMs, counters });
    const [first = { atMs, counters }] = samples;
    view.set({
      ...standing(),
      moments: follower.follow(recording),
      nowMs: atMs,
      counters,
      rates: rateBetween(first, { atMs, counters }),
    });
  };
  const tellSoon = (): void => {
    if (soon.dueAt === null) soon.start(COALESCE_MS, look);
  };
  look();

  const watch = (): Unsubscribe => {
    const charts = connection.actor.subscribe({ next: tellSoon, error: tellSoon, complete: tellSoon });
    const delivery = connection.delivery.subscribe(tellSoon);
    const sampling = setInterval(look, SAMPLE_MS);
    return () => {
      charts.unsubscribe();
      delivery();
      clearInterval(sampling);
      soon.stop();
    };
  };

  const subscriptions = new Set<Unsubscribe>();
  let unwatch: Unsubscribe | null = null;
  return {
    getView: () => view.current,
    subscribe(listener) {
      const unsubscribe = view.subscribe(listener);
      subscriptions.add(unsubscribe);
      unwatch ??= watch();
      return () => {
        unsubscribe();
        subscriptions.delete(unsubscribe);
        if (subscriptions.size > 0) return;
        unwatch?.();
        unwatch = null;
      };
    },
  };
};
