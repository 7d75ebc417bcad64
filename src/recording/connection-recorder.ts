import { initialContext } from '../../machines/connection.context.ts';
import type {
  ClassifyClose,
  ConnectionChartSnapshot,
  ConnectionContext,
  ConnectionSettings,
  DeliveryChartSnapshot,
} from '../../machines/index.ts';
import type { StepListener } from '../../machines/xstate-internals.ts';
import type { Traffic } from '../actors/traffic.ts';
import type { Clock } from '../lib/clock.ts';
import { finiteOrNull } from '../lib/finite-or-null.ts';
import { createRing } from '../lib/ring.ts';
import { packRecording, startAfter } from './pack-recording.ts';
import { recordedEvent } from './recorded-event.ts';
import type {
  RecordedChart,
  RecordedCounters,
  RecordedFacts,
  RecordedStart,
  RecordedStep,
  Recording,
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
  /** A chart has set a delay: it belongs to its last step. */
  delaySet(chart: RecordedChart, delayMs: number): void;
  take(
    counted: Pick<RecordedCounters, 'outboxCount' | 'appliedCount'>,
    limits?: RecordingSettings,
  ): Recording;
}

export interface ConnectionRecorderOptions {
  readonly recording: RecordingSettings;
  readonly settings: ConnectionSettings;
  readonly isKnownSpeaker: boolean;
  readonly clock: Clock;
}

/** A step whose delays are still coming: XState sets them when the step is done. */
type OpenStep = RecordedStep & { readonly delaysMs: number[] };

const SHARED = [
  'retryCount',
  'connectBudget',
  'online',
  'hasOpened',
  'minDelayMs',
  'doubtCount',
  'tokenReason',
  'nextTokenReason',
  'canAsk',
  'hasAnswered',
  'muteCount',
] as const satisfies readonly (keyof ConnectionContext & keyof RecordedFacts)[];

const NO_CHANGE: Partial<RecordedFacts> = Object.freeze({});

const endOf = ({ lastEnd }: ConnectionContext): RecordedFacts['end'] =>
  lastEnd === null ? null : { cause: lastEnd.cause, code: lastEnd.code, wasClean: lastEnd.wasClean };

/** The facts in a context of the chart of the connection. */
export const factsOf = (context: ConnectionContext): Omit<RecordedFacts, 'isKnownSpeaker'> => ({
  hasUser: context.userId !== null,
  retryCount: context.retryCount,
  connectBudget: context.connectBudget,
  online: context.online,
  hasOpened: context.hasOpened,
  minDelayMs: context.minDelayMs,
  doubtCount: context.doubtCount,
  tokenReason: context.tokenReason,
  nextTokenReason: context.nextTokenReason,
  canAsk: context.canAsk,
  hasAnswered: context.hasAnswered,
  muteCount: context.muteCount,
  end: endOf(context),
});

const changeOf = (before: ConnectionContext, after: ConnectionContext): Partial<RecordedFacts> => {
  if (before === after) return NO_CHANGE;
  const change: { -readonly [Name in keyof RecordedFacts]?: unknown } = {};
  for (const name of SHARED) if (before[name] !== after[name]) change[name] = after[name];
  if ((before.userId === null) !== (after.userId === null)) change.hasUser = after.userId !== null;
  if (before.lastEnd !== after.lastEnd) change.end = endOf(after);
  return change as Partial<RecordedFacts>;
};

export const createConnectionRecorder = ({
  recording: { maxTransitions = DEFAULT_MAX_TRANSITIONS },
  settings,
  isKnownSpeaker,
  clock,
}: ConnectionRecorderOptions): ConnectionRecorder => {
  const beganAt = clock.now();
  const ring = createRing<RecordedStep>(maxTransitions);
  const traffic: Traffic = { framesIn: 0, lengthIn: 0, framesOut: 0, lengthOut: 0 };
  const last: { [Chart in RecordedChart]: OpenStep | null } = { connection: null, delivery: null };
  let start: RecordedStart = {
    connection: 'idle',
    delivery: 'waiting',
    facts: { ...factsOf(initialContext(settings)), isKnownSpeaker },
  };
  let droppedCount = 0;
  let drawnMs: number | undefined;
  let said: ReturnType<ClassifyClose>;

  const ageMs = (): number => Math.round(clock.now() - beganAt);

  const add = (step: OpenStep): void => {
    last[step.event.chart] = step;
    const dropped = ring.add(step);
    if (dropped === undefined) return;
    droppedCount += 1;
    start = startAfter(start, dropped);
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
          drawnMs = Math.round(delayMs);
          return delayMs;
        },
        spreadMs === undefined ? {} : { spreadMs },
      ),
      random() {
        const value = settings.random();
        drawnMs = Math.round(value * (spreadMs ?? 0));
        return value;
      },
      classifyClose(close) {
        said = settings.classifyClose(close);
        return said;
      },
    },
    connection(event, before, after) {
      const known = recordedEvent('connection', event, { userId: before.context.userId, said });
      const drawn = drawnMs;
      said = undefined;
      drawnMs = undefined;
      if (known === null) return;
      const change = changeOf(before.context, after.context);
      const step = { atMs: ageMs(), event: known, state: after.value, change, delaysMs: [] };
      add(drawn === undefined ? step : { ...step, drawnMs: drawn });
    },
    delivery(event, before, after) {
      const known = recordedEvent('delivery', event, { userId: null, said: undefined });
      if (known === null) return;
      const isSpeaker = after.context.isKnownSpeaker;
      const change = isSpeaker === before.context.isKnownSpeaker ? NO_CHANGE : { isKnownSpeaker: isSpeaker };
      add({ atMs: ageMs(), event: known, state: after.value, change, delaysMs: [] });
    },
    delaySet(chart, delayMs) {
      last[chart]?.delaysMs.push(Math.round(delayMs));
    },
    take(counted, { maxTransitions: most = maxTransitions } = {}) {
      const { maxRetries, connectTimeoutMs, stableAfterMs, probeTimeoutMs } = settings;
      return packRecording(
        {
          settings: {
            maxRetries: finiteOrNull(maxRetries),
            connectTimeoutMs,
            stableAfterMs,
            probeTimeoutMs,
            spreadMs: spreadMs ?? 0,
          },
          atMs: ageMs(),
          counters: { ...traffic, ...counted },
          droppedCount,
          start,
          steps: ring.toArray(),
        },
        most,
      );
    },
  };
};
