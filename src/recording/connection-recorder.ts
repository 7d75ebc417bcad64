import { CONNECTION_FACTS, initialContext } from '../../machines/connection.context.ts';
import { NUMBER_SETTINGS } from '../../machines/connection.settings.ts';
import type {
  ClassifyClose,
  ConnectionChartSnapshot,
  ConnectionContext,
  ConnectionSettings,
  DeliveryChartSnapshot,
  OutboxChartSnapshot,
} from '../../machines/index.ts';
import type { StepListener } from '../../machines/xstate-internals.ts';
import type { Traffic } from '../actors/traffic.ts';
import type { Clock } from '../lib/clock.ts';
import { finiteOrNull } from '../lib/finite-or-null.ts';
import { createRing } from '../lib/ring.ts';
import { packRecording, startAfter } from './pack-recording.ts';
import { recordedEvent } from './recorded-event.ts';
import {
  queueNameOf,
  type RecordedCounters,
  type RecordedFacts,
  type RecordedStart,
  type RecordedStep,
  type Recording,
} from './recording.ts';
import { DEFAULT_MAX_TRANSITIONS, type RecordingSettings } from './recording-options.ts';

/** Records what the charts of one connection do. Nothing in here throws. */
export interface ConnectionRecorder {
  /** Counted by the socket actor. */
  readonly traffic: Traffic;
  /** The settings that the chart is to be given: they note what the backoff policy, chance and the app return. */
  readonly settings: ConnectionSettings;
  /** Told of each step of the chart of the connection, and of that of delivery. */
  readonly connection: StepListener<ConnectionChartSnapshot>;
  readonly delivery: StepListener<DeliveryChartSnapshot>;
  /** And of that of each queue of durable messages. */
  readonly outbox: StepListener<OutboxChartSnapshot>;
  /** A chart has set a delay: it belongs to its last step. */
  delaySet(chart: 'connection' | 'delivery', delayMs: number): void;
  take(
    counted: Pick<RecordedCounters, 'outboxCount' | 'appliedCount'>,
    limits?: RecordingSettings,
  ): Recording;
}

export interface ConnectionRecorderOptions {
  readonly recording: RecordingSettings;
  readonly settings: ConnectionSettings;
  readonly supportsDelivery: boolean;
  readonly clock: Clock;
}

/** A step whose delays are still coming: XState sets them when the step is done. */
type OpenStep = RecordedStep & { readonly delaysMs: number[] };

const NO_CHANGE: Partial<RecordedFacts> = Object.freeze({});

const endOf = ({ lastEnd }: ConnectionContext): RecordedFacts['end'] =>
  lastEnd === null ? null : { cause: lastEnd.cause, code: lastEnd.code, wasClean: lastEnd.wasClean };

const pick = <From, Name extends keyof From>(from: From, names: readonly Name[]): Pick<From, Name> =>
  Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<From, Name>;

/** The facts in a context of the chart of the connection. */
export const factsOf = (context: ConnectionContext): Omit<RecordedFacts, 'supportsDelivery'> => ({
  hasUser: context.userId !== null,
  ...pick(context, CONNECTION_FACTS),
  end: endOf(context),
});

const changeOf = (before: ConnectionContext, after: ConnectionContext): Partial<RecordedFacts> => {
  if (before === after) return NO_CHANGE;
  const change: { -readonly [Name in keyof RecordedFacts]?: unknown } = {};
  for (const name of CONNECTION_FACTS) if (before[name] !== after[name]) change[name] = after[name];
  if ((before.userId === null) !== (after.userId === null)) change.hasUser = after.userId !== null;
  if (before.lastEnd !== after.lastEnd) change.end = endOf(after);
  return change as Partial<RecordedFacts>;
};

export const createConnectionRecorder = ({
  recording: { maxTransitions = DEFAULT_MAX_TRANSITIONS },
  settings,
  supportsDelivery,
  clock,
}: ConnectionRecorderOptions): ConnectionRecorder => {
  const beganAt = clock.now();
  const ring = createRing<RecordedStep>(maxTransitions);
  const traffic: Traffic = { framesIn: 0, lengthIn: 0, framesOut: 0, lengthOut: 0 };
  /** The charts of queues set none. */
  const last: { connection: OpenStep | null; delivery: OpenStep | null } = {
    connection: null,
    delivery: null,
  };
  /** Where the recording begins: after what was dropped. */
  let beginning: { readonly start: RecordedStart; readonly droppedCount: number } = {
    start: {
      connection: 'idle',
      delivery: 'waiting',
      facts: { ...factsOf(initialContext(settings)), supportsDelivery },
    },
    droppedCount: 0,
  };
  /** What the chart was told during the step that it takes. */
  let told: { readonly drawnMs?: number; readonly said?: ReturnType<ClassifyClose> } = {};

  const ageMs = (): number => Math.round(clock.now() - beganAt);

  const add = (step: OpenStep): void => {
    const { chart } = step.event;
    if (chart === 'connection' || chart === 'delivery') last[chart] = step;
    const dropped = ring.add(step);
    if (dropped === undefined) return;
    const { start, droppedCount } = beginning;
    beginning = { start: startAfter(start, dropped), droppedCount: droppedCount + 1 };
  };

  const { backoff } = settings;
  const { spreadMs } = backoff;

  return {
    traffic,
    settings: {
      ...settings,
      backoff: Object.assign(
        (retry: number) => {
          const delayMs = backoff(retry, settings.random);
          told = { ...told, drawnMs: Math.round(delayMs) };
          return delayMs;
        },
        spreadMs === undefined ? {} : { spreadMs },
      ),
      random() {
        const value = settings.random();
        told = { ...told, drawnMs: Math.round(value * (spreadMs ?? 0)) };
        return value;
      },
      classifyClose(close) {
        const said = settings.classifyClose(close);
        told = { ...told, said };
        return said;
      },
    },
    connection(event, before, after) {
      const { drawnMs, said } = told;
      told = {};
      const { events } = after.machine;
      const known = recordedEvent('connection', event, { events, userId: before.context.userId, said });
      if (known === null) return;
      const change = changeOf(before.context, after.context);
      const step = { atMs: ageMs(), event: known, state: after.value, change, delaysMs: [] };
      add(drawnMs === undefined ? step : { ...step, drawnMs });
    },
    delivery(event, before, after) {
      const { events } = after.machine;
      const known = recordedEvent('delivery', event, { events, userId: null, said: undefined });
      if (known === null) return;
      const isSupported = after.context.supportsDelivery;
      const change =
        isSupported === before.context.supportsDelivery ? NO_CHANGE : { supportsDelivery: isSupported };
      add({ atMs: ageMs(), event: known, state: after.value, change, delaysMs: [] });
    },
    outbox(event, _before, after) {
      const { events } = after.machine;
      const chart = queueNameOf(after.context.queue);
      const known = recordedEvent(chart, event, { events, userId: null, said: undefined });
      if (known !== null)
        add({ atMs: ageMs(), event: known, state: after.value, change: NO_CHANGE, delaysMs: [] });
    },
    delaySet(chart, delayMs) {
      last[chart]?.delaysMs.push(Math.round(delayMs));
    },
    take(counted, { maxTransitions: most = maxTransitions } = {}) {
      return packRecording(
        {
          settings: {
            ...pick(settings, NUMBER_SETTINGS),
            maxRetries: finiteOrNull(settings.maxRetries),
            spreadMs: spreadMs ?? 0,
          },
          atMs: ageMs(),
          counters: { ...traffic, ...counted },
          ...beginning,
          steps: ring.toArray(),
        },
        most,
      );
    },
  };
};
