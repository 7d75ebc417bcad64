import type { StateValue } from 'xstate';
import type { ConnectionStatus } from '../../machines/index.ts';
import { delayNameOf } from '../../machines/xstate-internals.ts';
import { readRecording } from '../recording/read-recording.ts';
import { type RecordedCharts, recordedCharts } from '../recording/recorded-charts.ts';
import {
  RECORDED_CHARTS,
  type RecordedChart,
  type RecordedFacts,
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

/** How both charts stand after one step. */
export interface Moment {
  /** Counts the steps of the connection from 0, those included that no recording has any more. */
  readonly index: number;
  /** Ms since the connection was made. */
  readonly atMs: number;
  /** Null: where the recording begins. */
  readonly step: RecordedStep | null;
  readonly status: ConnectionStatus;
  /** The states that are active, by id. */
  readonly states: Readonly<Record<RecordedChart, ReadonlySet<string>>>;
  /** The transitions that each chart took in its last step, by name. */
  readonly transitions: Readonly<Record<RecordedChart, ReadonlySet<string>>>;
  /** Today's chart leads elsewhere than what was recorded: by which transitions that was cannot be told. */
  readonly isOtherwise: boolean;
  readonly facts: RecordedFacts;
  readonly delays: readonly MomentDelay[];
  /** Others may run that began before what was recorded. */
  readonly mayHaveOlderDelays: boolean;
}

type Values = Readonly<Record<RecordedChart, StateValue>>;

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

const delaysIn = (charts: RecordedCharts): MomentDelay[] =>
  RECORDED_CHARTS.flatMap((chart) =>
    charts
      .delaysOf(chart)
      .map(({ type, setAtMs, dueAtMs }) => ({ chart, name: delayNameOf(type), setAtMs, dueAtMs })),
  );

/** Where a recording begins. */
const beginningOf = ({ start, steps, droppedCount }: Recording): Moment => {
  const connection = new Set(idsOf(start.connection));
  return {
    index: droppedCount - 1,
    atMs: steps[0]?.[0] ?? 0,
    step: null,
    status: statusIn(connection),
    states: { connection, delivery: new Set(idsOf(start.delivery)) },
    transitions: { connection: NONE, delivery: NONE },
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
  /** The charts that are led, and the states they are in. Null: they were led elsewhere than what was recorded. */
  let led: { readonly charts: RecordedCharts | null; readonly values: Values } = {
    charts: null,
    values: { connection: 'idle', delivery: 'waiting' },
  };

  const after = (before: Moment, step: RecordedStep, settings: Recording['settings']): Moment => {
    const { chart, type } = step.event;
    const index = before.index + 1;
    const charts = led.charts ?? recordedCharts({ settings, start: { ...led.values, facts: before.facts } });
    charts.takeDue(chart, type);
    const { state, transitions } = charts.take(step, index);
    const isOtherwise = JSON.stringify(state) !== JSON.stringify(step.state);
    // From here on it is led along what was recorded.
    led = { charts: isOtherwise ? null : charts, values: { ...led.values, [chart]: step.state } };
    const states = { ...before.states, [chart]: new Set(idsOf(step.state)) };
    return {
      index,
      atMs: step.atMs,
      step,
      status: statusIn(states.connection),
      states,
      transitions: { ...before.transitions, [chart]: isOtherwise ? NONE : new Set(transitions) },
      isOtherwise,
      facts: { ...before.facts, ...step.change },
      delays: isOtherwise ? [] : delaysIn(charts),
      mayHaveOlderDelays: isOtherwise || before.mayHaveOlderDelays,
    };
  };

  return {
    follow(recording) {
      const steps = readRecording(recording);
      const { droppedCount, settings, start } = recording;
      let last = moments.at(-1);
      const nextIndex = last === undefined ? 0 : last.index + 1;
      if (last === undefined || droppedCount > nextIndex || droppedCount + steps.length < nextIndex) {
        last = beginningOf(recording);
        led = {
          charts: recordedCharts(recording),
          values: { connection: start.connection, delivery: start.delivery },
        };
        moments = [last];
      }
      const added: Moment[] = [];
      for (const step of steps.slice(last.index + 1 - droppedCount)) {
        last = after(last, step, settings);
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
