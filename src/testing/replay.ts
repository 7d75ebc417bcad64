import { isDelayEvent } from '../../machines/xstate-internals.ts';
import { upToDate } from '../recording/older-recordings.ts';
import { readRecording } from '../recording/read-recording.ts';
import { type LedStep, type RecordedMachines, recordedCharts } from '../recording/recorded-charts.ts';
import type { RecordedEvent, RecordedFacts, RecordedStep, Recording } from '../recording/recording.ts';

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

/** The charts to compare with: `connectionMachine`, `deliveryMachine`, `outboxMachine`; by default those of this version. */
export type ReplayOptions = RecordedMachines;

/** What is the same of a recorded step and a replayed one, or is not. */
type Compared = Pick<ReplayDifference, 'what' | 'recorded' | 'replayed'>;

/** Platforms fire a timer up to 1 ms early, and what is recorded is rounded. */
const TIMER_SLACK_MS = 2;

/** A refund is none: people fire it by hand too. */
const isDelayed = (type: string): boolean => isDelayEvent(type);

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The first thing in which a step is not as it was recorded. */
const compare = (
  { state, delaysMs }: RecordedStep,
  recordedFacts: RecordedFacts,
  replayed: LedStep,
): Compared | null => {
  const pairs: readonly Compared[] = [
    { what: 'state', recorded: state, replayed: replayed.state },
    ...(Object.keys(replayed.facts) as (keyof RecordedFacts)[]).map((what) => ({
      what,
      recorded: recordedFacts[what],
      replayed: replayed.facts[what],
    })),
    { what: 'delaysMs', recorded: delaysMs, replayed: replayed.delaysMs },
  ];
  return pairs.find((pair) => !isSame(pair.recorded, pair.replayed)) ?? null;
};

/**
 * Runs what was recorded through today's charts: the same events at the same times, the same results of the backoff
 * policy, of chance and of `classifyClose`. Returns the first place where a chart acts otherwise; null: there is none.
 *
 * Compares states, facts and the delays that are set, and that no delay ended before it was due; late is no difference, as
 * timers are in a hidden tab. Does not dial, and waits for nothing. Of the delays that began before an old recording's first
 * step it cannot tell when they are due.
 *
 * @throws {RangeError} where the recording is of another version, or damaged.
 * @example
 * expect(replay(JSON.parse(recordingOfAReport))).toBeNull();
 */
export const replay = (given: Recording, options: ReplayOptions = {}): ReplayDifference | null => {
  const recording = upToDate(given);
  const steps = readRecording(recording);
  const charts = recordedCharts(recording, options);
  let { facts } = recording.start;

  const differenceIn = (step: RecordedStep, index: number): Compared | null => {
    const { event, atMs } = step;
    if (isDelayed(event.type)) {
      const dueAtMs = charts.takeDue(event.chart, event.type);
      // One that was set before the recording is not known here.
      const isUnknown = dueAtMs === null && recording.droppedCount > 0;
      if (!isUnknown && (dueAtMs === null || dueAtMs > atMs + TIMER_SLACK_MS)) {
        return { what: 'dueAtMs', recorded: atMs, replayed: dueAtMs };
      }
    }
    return compare(step, facts, charts.take(step, index));
  };

  for (const [index, step] of steps.entries()) {
    facts = { ...facts, ...step.change };
    const difference = differenceIn(step, index);
    if (difference !== null) return { index, atMs: step.atMs, event: step.event, ...difference };
  }
  return null;
};
