import type {
  OutboxChartSnapshot,
  OutboxEvent,
  outboxMachineOf,
  RunningOutbox,
} from '../../../machines/index.ts';
import { chartFunctionOf } from '../../../machines/xstate-internals.ts';

/** Whose a queue is: each is a state of its chart. */
export type QueuePlace = 'here' | 'left' | 'clearing' | 'forgetting' | 'over';

/** The chart of one queue, as its session speaks with it. */
export interface QueueChart {
  /** Where the queue stands by all that the chart was told, whether it has taken that or not. */
  readonly place: QueuePlace;
  /** Before the chart runs, what it is told waits. After its end, it is told nothing. */
  tell(event: OutboxEvent): void;
  /** It runs. */
  runs(chart: RunningOutbox): void;
  /** It has taken an event. */
  took(event: object): void;
}

const placeOf = (value: string | object): QueuePlace =>
  (typeof value === 'string' ? value : Object.keys(value)[0]) as QueuePlace;

/** A chart that was stopped from outside has ended, wherever it was. */
const placeAtEnd = (place: QueuePlace): QueuePlace =>
  place === 'clearing' || place === 'forgetting' ? 'forgetting' : 'over';

/** The chart as a function, made once for all queues: where it begins, and where an event leads. */
export interface OutboxFunction {
  readonly first: OutboxChartSnapshot;
  step(snapshot: OutboxChartSnapshot, event: OutboxEvent): OutboxChartSnapshot;
}

export const outboxFunctionOf = (machine: ReturnType<typeof outboxMachineOf>): OutboxFunction => {
  const { first, step } = chartFunctionOf(machine);
  return {
    first,
    step: (snapshot, event) => (snapshot.status === 'active' ? step(snapshot, event) : snapshot),
  };
};

/**
 * A chart takes an event late where it is in a step, or where the chart that it is a child of is in one and has not begun it. Until
 * then the same chart, as a function, says where the event leads: nothing beside it notes whose the queue is.
 */
export const createQueueChart = ({ first, step }: OutboxFunction): QueueChart => {
  const untaken: OutboxEvent[] = [];
  const state: { running: RunningOutbox | null } = { running: null };

  return {
    get place() {
      const before = (state.running?.getSnapshot() as OutboxChartSnapshot | undefined) ?? first;
      if (before.status !== 'active') return placeAtEnd(placeOf(before.value));
      return placeOf(untaken.reduce(step, before).value);
    },
    tell(event) {
      const { running } = state;
      if (running !== null && running.getSnapshot().status !== 'active') return;
      untaken.push(event);
      running?.send(event);
    },
    runs(chart) {
      state.running = chart;
      for (const event of [...untaken]) chart.send(event);
    },
    took(event) {
      const at = untaken.indexOf(event as OutboxEvent);
      if (at >= 0) untaken.splice(at, 1);
    },
  };
};
