import type { StateValue } from 'xstate';
import type { ConnectionStatus } from '../../machines/index.ts';
import { delayNameOf } from '../../machines/xstate-internals.ts';
import { upToDate } from '../recording/older-recordings.ts';
import { startAfter } from '../recording/pack-recording.ts';
import { readRecording } from '../recording/read-recording.ts';
import { type RecordedCharts, recordedCharts } from '../recording/recorded-charts.ts';
import {
  chartsIn,
  isQueueName,
  type RecordedChart,
  type RecordedFacts,
  type RecordedQueue,
  type RecordedStart,
  type RecordedStep,
  type Recording,
} from '../recording/recording.ts';
import { PICTURES } from './picture/pictures.ts';

/** A delay that runs at a moment. */
export interface MomentDelay {
  readonly chart: RecordedChart;
  /** As the chart names it: `retryDelay`; `budget.refunded` is one of the chart's own events, sent late. */
  readonly name: string;
  readonly setAtMs: number;
  readonly dueAtMs: number;
}

/** What each chart that runs has at a moment. */
export interface OfEachChart {
  readonly connection: ReadonlySet<string>;
  readonly delivery: ReadonlySet<string>;
  readonly [queue: RecordedQueue]: ReadonlySet<string>;
}

/** How the charts stand after one step. */
export interface Moment {
  /** Counts the steps of the connection from 0, those included that no recording has any more. */
  readonly index: number;
  /** Ms since the connection was made. */
  readonly atMs: number;
  /** Null: where the recording begins. */
  readonly step: RecordedStep | null;
  readonly status: ConnectionStatus;
  /** The states that are active, by id. */
  readonly states: OfEachChart;
  /** The transitions that each chart took in its last step, by name. */
  readonly transitions: OfEachChart;
  /** Today's chart leads elsewhere than what was recorded: by which transitions that was cannot be told. */
  readonly isOtherwise: boolean;
  readonly facts: RecordedFacts;
  readonly delays: readonly MomentDelay[];
  /** Others may run that began before what was recorded. */
  readonly mayHaveOlderDelays: boolean;
}

const NONE: ReadonlySet<string> = new Set();

/** The ids of the states in a state value: `{ backoff: 'waiting' }` has `backoff` and `backoff.waiting`. */
export const idsOf = (value: StateValue, parent = ''): readonly string[] => {
  const within = (name: string): string => (parent === '' ? name : `${parent}.${name}`);
  if (typeof value === 'string') return [within(value)];
  return Object.entries(value).flatMap(([name, below]) => [
    within(name),
    ...(below === undefined ? [] : idsOf(below, within(name))),
  ]);
};

const statusIn = (ids: ReadonlySet<string>): ConnectionStatus =>
  PICTURES.connection.states.find(({ id, status }) => status !== null && ids.has(id))?.status ?? 'idle';

/** Makes what each chart that runs has. */
const ofEach = (start: RecordedStart, makes: (chart: RecordedChart) => ReadonlySet<string>): OfEachChart => ({
  connection: makes('connection'),
  delivery: makes('delivery'),
  ...Object.fromEntries(
    Object.keys(start)
      .filter(isQueueName)
      .map((name) => [name, makes(name)]),
  ),
});

const statesIn = (start: RecordedStart, chart: RecordedChart): ReadonlySet<string> =>
  new Set(idsOf(start[chart] ?? ''));

const delaysIn = (charts: RecordedCharts, start: RecordedStart): MomentDelay[] =>
  chartsIn(start).flatMap((chart) =>
    charts
      .delaysOf(chart)
      .map(({ type, setAtMs, dueAtMs }) => ({ chart, name: delayNameOf(type), setAtMs, dueAtMs })),
  );

/** Where a recording begins. */
const beginningOf = ({ start, steps, droppedCount }: Recording): Moment => {
  const states = ofEach(start, (chart) => statesIn(start, chart));
  return {
    index: droppedCount - 1,
    atMs: steps[0]?.[0] ?? 0,
    step: null,
    status: statusIn(states.connection),
    states,
    transitions: ofEach(start, () => NONE),
    isOtherwise: false,
    facts: start.facts,
    delays: [],
    mayHaveOlderDelays: droppedCount > 0,
  };
};

/** Follows what a connection does, from one recording to the next. */
export interface MomentFollower {
  /** The moments so far, oldest first, with those of this recording. The same array where nothing is new. */
  follow(recording: Recording): readonly Moment[];
}

/**
 * Makes moments of steps: the charts are led along them, so that the transitions and the delays are known, which no recording
 * has. Of a recording that was taken later, the new steps only are looked at; where some between the two are missing, it begins
 * again.
 *
 * @param maxMoments How many are kept; older ones are dropped.
 */
export const createMomentFollower = (maxMoments = Number.POSITIVE_INFINITY): MomentFollower => {
  let moments: readonly Moment[] = [];
  /** Where the charts are, and those that are led there. Null: they were led elsewhere than what was recorded. */
  let led: { readonly charts: RecordedCharts | null; readonly start: RecordedStart } | null = null;

  const begin = (recording: Recording): Moment => {
    const last = beginningOf(recording);
    led = { charts: recordedCharts(recording), start: recording.start };
    moments = [last];
    return last;
  };

  const after = (before: Moment, step: RecordedStep, { settings, start }: Recording): Moment => {
    const { chart, type } = step.event;
    const index = before.index + 1;
    const from = led?.start ?? start;
    const charts = led?.charts ?? recordedCharts({ settings, start: from });
    charts.takeDue(chart, type);
    const { state, transitions } = charts.take(step, index);
    const isOtherwise = JSON.stringify(state) !== JSON.stringify(step.state);
    // From here on it is led along what was recorded.
    const to = startAfter(from, step);
    led = { charts: isOtherwise ? null : charts, start: to };
    const taken = isOtherwise ? NONE : new Set(transitions);
    const states = ofEach(to, (each) => (each === chart ? null : before.states[each]) ?? statesIn(to, each));
    return {
      index,
      atMs: step.atMs,
      step,
      status: statusIn(states.connection),
      states,
      transitions: ofEach(to, (each) => (each === chart ? taken : (before.transitions[each] ?? NONE))),
      isOtherwise,
      facts: to.facts,
      delays: isOtherwise ? [] : delaysIn(charts, to),
      mayHaveOlderDelays: isOtherwise || before.mayHaveOlderDelays,
    };
  };

  return {
    follow(given) {
      const recording = upToDate(given);
      const steps = readRecording(recording);
      const { droppedCount } = recording;
      let last = moments.at(-1);
      const nextIndex = last === undefined ? 0 : last.index + 1;
      if (last === undefined || droppedCount > nextIndex || droppedCount + steps.length < nextIndex)
        last = begin(recording);
      const added: Moment[] = [];
      for (const step of steps.slice(last.index + 1 - droppedCount)) {
        last = after(last, step, recording);
        added.push(last);
      }
      if (added.length > 0) moments = [...moments, ...added].slice(-maxMoments);
      return moments;
    },
  };
};

const known = new WeakMap<Recording, readonly Moment[]>();

/** The moments of one recording, the same array each time. @throws {RangeError} where it is of another version, or damaged. */
export const momentsOf = (recording: Recording): readonly Moment[] => {
  const moments = known.get(recording) ?? createMomentFollower().follow(recording);
  known.set(recording, moments);
  return moments;
};
