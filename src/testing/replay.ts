import { createActor, fromCallback } from 'xstate';
import { initialContext } from '../../machines/connection.context.ts';
import { initialDeliveryContext } from '../../machines/delivery.setup.ts';
import {
  type ConnectionEvent,
  type ConnectionSettings,
  connectionMachine,
  type DeliveryEvent,
  deliveryMachine,
} from '../../machines/index.ts';
import { LATE_MS } from '../client/delivery.ts';
import { factsOf } from '../client/recording/flight-recorder.ts';
import { readRecording } from '../client/recording/read-recording.ts';
import type { RecordedEvent, RecordedFacts, RecordedStep, Recording } from '../client/recording/recording.ts';
import { type ReplayedStep, replayedChart } from './replayed-chart.ts';

/** The first place where a chart acts otherwise than a recording. */
export interface ReplayDifference {
  /** Which step of `readRecording(recording)`. */
  readonly index: number;
  /** Ms since the connection was made. */
  readonly atMs: number;
  readonly event: RecordedEvent;
  /** What differs: the state after the step, a fact by its name, the delays that it set, or when its own delay was due. */
  readonly what: 'state' | 'delaysMs' | 'dueAtMs' | keyof RecordedFacts;
  readonly recorded: unknown;
  readonly replayed: unknown;
}

/** The charts to compare with. */
export interface ReplayOptions {
  /** @default the one of this version of statesocket */
  readonly connectionMachine?: typeof connectionMachine;
  /** @default the one of this version of statesocket */
  readonly deliveryMachine?: typeof deliveryMachine;
}

/** What is the same of a recorded step and a replayed one, or is not. */
type Compared = Pick<ReplayDifference, 'what' | 'recorded' | 'replayed'>;

/** Platforms fire a timer up to 1 ms early, and what is recorded is rounded. */
const TIMER_SLACK_MS = 2;

/** A refund is none: people fire it by hand too. */
const isDelayed = (type: string): boolean => type.startsWith('xstate.after.');

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The chart's settings, which answer what was answered when the current step was recorded. */
const settingsOf = ({ settings }: Recording, current: () => RecordedStep): ConnectionSettings => {
  const { spreadMs, ...numbers } = settings;
  return {
    ...numbers,
    backoff: Object.assign(() => current().drawnMs ?? 0, { spreadMs }),
    random: () => (spreadMs === 0 ? 0 : (current().drawnMs ?? 0) / spreadMs),
    classifyClose: () => current().event.said,
  };
};

const connectionChart = (
  recording: Recording,
  machine: typeof connectionMachine,
  current: () => RecordedStep,
) => {
  const { hasUser, end, isKnownSpeaker: _, ...facts } = recording.start.facts;
  const begin = machine.resolveState({
    value: recording.start.connection,
    context: {
      ...initialContext(settingsOf(recording, current)),
      ...facts,
      userId: hasUser ? 'somebody' : null,
      lastEnd: end === null ? null : { ...end, reason: null },
    },
  });
  // The socket that the chart asks for a sign of life, where the recording begins with one.
  Object.assign(begin.children, { socket: createActor(fromCallback(() => {})) });
  const chart = replayedChart(machine, begin);
  return {
    takeDue: chart.takeDue,
    take({ event, atMs }: RecordedStep, index: number) {
      const { userId } = chart.snapshot.context;
      const whole = { ...event, reason: '', userId: event.isSameUser ? userId : `user ${index}` };
      const step = chart.take(whole as ConnectionEvent, atMs);
      return { step, facts: factsOf(step.snapshot.context) };
    },
  };
};

const deliveryChart = (
  recording: Recording,
  machine: typeof deliveryMachine,
  current: () => RecordedStep,
) => {
  /** Null where it was before the recording. */
  let negotiatesFromMs: number | null = null;
  const { isKnownSpeaker } = recording.start.facts;
  const { port } = initialDeliveryContext();
  const isLate = (limitMs: number): boolean =>
    negotiatesFromMs === null
      ? current().state === 'negotiating'
      : current().atMs - negotiatesFromMs > limitMs + LATE_MS;
  const context = { isKnownSpeaker, port: { ...port, isLate } };
  const chart = replayedChart(machine, machine.resolveState({ value: recording.start.delivery, context }));
  return {
    takeDue: chart.takeDue,
    take({ event, atMs }: RecordedStep) {
      const step = chart.take(event as DeliveryEvent, atMs);
      if (step.delaysMs.length > 0) negotiatesFromMs = atMs;
      return { step, facts: { isKnownSpeaker: step.snapshot.context.isKnownSpeaker } };
    },
  };
};

/** The first thing in which a step is not as it was recorded. */
const compare = (
  recorded: RecordedStep,
  recordedFacts: RecordedFacts,
  step: ReplayedStep<{ readonly value: unknown }>,
  facts: Partial<RecordedFacts>,
): Compared | null => {
  const { state, delaysMs } = recorded;
  const pairs: readonly Compared[] = [
    { what: 'state', recorded: state, replayed: step.snapshot.value },
    ...(Object.keys(facts) as (keyof RecordedFacts)[]).map((what) => ({
      what,
      recorded: recordedFacts[what],
      replayed: facts[what],
    })),
    { what: 'delaysMs', recorded: delaysMs, replayed: step.delaysMs },
  ];
  return pairs.find(({ recorded, replayed }) => !isSame(recorded, replayed)) ?? null;
};

/**
 * Runs what was recorded through today's charts: the same events at the same times, the same answers of the backoff
 * policy, of chance and of `classifyClose`. Answers the first place where a chart acts otherwise; null: there is none.
 *
 * Compares states, facts and the delays that are set, and that no delay ended before it was due; late is no difference, as
 * timers are in a hidden tab. Does not dial, and waits for nothing. Of the delays that began before an old recording's first
 * step it cannot tell when they are due.
 *
 * @throws {RangeError} where the recording is of another version, or damaged.
 * @example
 * expect(replay(JSON.parse(recordingOfAReport))).toBeNull();
 */
export const replay = (recording: Recording, options: ReplayOptions = {}): ReplayDifference | null => {
  const steps = readRecording(recording);
  let current: RecordedStep | undefined;
  const currentStep = (): RecordedStep => {
    if (current === undefined) throw new RangeError('The chart asked for an answer before the first step.');
    return current;
  };
  const charts = {
    connection: connectionChart(recording, options.connectionMachine ?? connectionMachine, currentStep),
    delivery: deliveryChart(recording, options.deliveryMachine ?? deliveryMachine, currentStep),
  };
  let { facts } = recording.start;

  const differenceIn = (step: RecordedStep, index: number): Compared | null => {
    const { event, atMs } = step;
    const chart = charts[event.chart];
    if (isDelayed(event.type)) {
      const dueAtMs = chart.takeDue(event.type);
      // One that was set before the recording is not known here.
      const isUnknown = dueAtMs === null && recording.droppedCount > 0;
      if (!isUnknown && (dueAtMs === null || dueAtMs > atMs + TIMER_SLACK_MS)) {
        return { what: 'dueAtMs', recorded: atMs, replayed: dueAtMs };
      }
    }
    const replayed = chart.take(step, index);
    return compare(step, facts, replayed.step, replayed.facts);
  };

  for (const [index, step] of steps.entries()) {
    current = step;
    facts = { ...facts, ...step.change };
    const difference = differenceIn(step, index);
    if (difference !== null) return { index, atMs: step.atMs, event: step.event, ...difference };
  }
  return null;
};
