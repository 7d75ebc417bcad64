import type { AnyStateMachine, StateValue } from 'xstate';
import { initialContext } from '../../machines/connection.context.ts';
import { negotiationLimitOf } from '../../machines/delivery.setup.ts';
import {
  type ConnectionEvent,
  type ConnectionSettings,
  connectionMachine,
  type DeliveryEvent,
  deliveryMachine,
  LATE_MS,
  type OutboxEvent,
  outboxMachine,
} from '../../machines/index.ts';
import { snapshotWith } from '../../machines/xstate-internals.ts';
import { factsOf } from './connection-recorder.ts';
import {
  isQueueName,
  QUEUE_BEGINNING,
  queueNameOf,
  type RecordedChart,
  type RecordedEvent,
  type RecordedFacts,
  type RecordedStart,
  type RecordedStep,
  type Recording,
} from './recording.ts';
import { type ReplayedChart, type RunningDelay, replayedChart } from './replayed-chart.ts';

/** What a chart made of a step's event. */
export interface LedStep {
  readonly state: StateValue;
  readonly facts: Partial<RecordedFacts>;
  readonly delaysMs: readonly number[];
  /** The transitions that were taken, by name and in that order. */
  readonly transitions: readonly string[];
}

/** The charts, led along the steps of a recording. They dial nothing and wait for nothing. */
export interface RecordedCharts {
  /** The step's chart takes its event, at its time. `index`: where it stands in the recording. */
  take(step: RecordedStep, index: number): LedStep;
  /** When the delay that sends such an event is due, which is then over; null where none runs. */
  takeDue(chart: RecordedChart, type: string): number | null;
  /** The delays that run. Of those that began before the recording none is known. */
  delaysOf(chart: RecordedChart): readonly RunningDelay[];
}

/** The machines that are led; by default those of this version of statesocket. */
export interface RecordedMachines {
  readonly connectionMachine?: typeof connectionMachine;
  readonly deliveryMachine?: typeof deliveryMachine;
  readonly outboxMachine?: typeof outboxMachine;
}

/** One chart, led along the steps that it took. */
interface LedChart {
  readonly chart: Pick<ReplayedChart<AnyStateMachine>, 'delays' | 'takeDue'>;
  take(
    step: RecordedStep,
    index: number,
  ): Omit<LedStep, 'state'> & { readonly snapshot: { readonly value: StateValue } };
}

type Beginning = Pick<Recording, 'settings'> & { readonly start: RecordedStart };

/** The chart's settings, which return what was returned when the current step was recorded. */
const settingsOf = ({ settings }: Beginning, current: () => RecordedStep): ConnectionSettings => {
  const { spreadMs, maxRetries, ...numbers } = settings;
  return {
    ...numbers,
    maxRetries: maxRetries ?? Number.POSITIVE_INFINITY,
    backoff: Object.assign(() => current().drawnMs ?? 0, { spreadMs }),
    random: () => (spreadMs === 0 ? 0 : (current().drawnMs ?? 0) / spreadMs),
    classifyClose: () => current().event.said,
  };
};

const connectionChart = (
  recording: Beginning,
  machine: typeof connectionMachine,
  current: () => RecordedStep,
) => {
  const { hasUser, end, supportsDelivery: _, ...facts } = recording.start.facts;
  const state = {
    value: recording.start.connection,
    context: {
      ...initialContext(settingsOf(recording, current)),
      ...facts,
      userId: hasUser ? 'somebody' : null,
      lastEnd: end === null ? null : { ...end, reason: null },
    },
  };
  // The chart asks the socket for a sign of life, where the recording begins with one.
  const begin = snapshotWith(machine, state, ['socket']);
  const chart = replayedChart(machine, begin);
  return {
    chart,
    take({ event, atMs }: RecordedStep, index: number) {
      const { userId } = chart.snapshot.context;
      const whole = { ...event, reason: '', userId: event.isSameUser ? userId : `user ${index}` };
      const step = chart.take(whole as ConnectionEvent, atMs);
      return { ...step, facts: factsOf(step.snapshot.context) };
    },
  };
};

const deliveryChart = (
  recording: Beginning,
  machine: typeof deliveryMachine,
  current: () => RecordedStep,
) => {
  /** Null where it was before the recording. */
  let negotiatesFromMs: number | null = null;
  const { supportsDelivery } = recording.start.facts;
  const isLate = (limitMs: number): boolean =>
    negotiatesFromMs === null
      ? current().state === 'negotiating'
      : current().atMs - negotiatesFromMs > limitMs + LATE_MS;
  const led = machine.provide({
    guards: { timerWasLate: ({ context }) => isLate(negotiationLimitOf(context)) },
  });
  const chart = replayedChart(
    led,
    snapshotWith(led, { value: recording.start.delivery, context: { supportsDelivery } }),
  );
  return {
    chart,
    take({ event, atMs }: RecordedStep) {
      const step = chart.take(event as DeliveryEvent, atMs);
      if (step.delaysMs.length > 0) negotiatesFromMs = atMs;
      return { ...step, facts: { supportsDelivery: step.snapshot.context.supportsDelivery } };
    },
  };
};

const outboxChart = (value: StateValue, machine: typeof outboxMachine): LedChart => {
  const chart = replayedChart(machine, snapshotWith(machine, { value, context: { queue: 0 } }));
  return {
    chart,
    take: ({ event, atMs }) => ({ ...chart.take(event as OutboxEvent, atMs), facts: {} }),
  };
};

/** Puts the charts where a recording begins. */
export const recordedCharts = (recording: Beginning, machines: RecordedMachines = {}): RecordedCharts => {
  let current: RecordedStep | undefined;
  const currentStep = (): RecordedStep => {
    if (current === undefined) throw new RangeError('The chart asked for an answer before the first step.');
    return current;
  };
  const queue = (value: StateValue): LedChart => outboxChart(value, machines.outboxMachine ?? outboxMachine);
  const charts = new Map<RecordedChart, LedChart>([
    ['connection', connectionChart(recording, machines.connectionMachine ?? connectionMachine, currentStep)],
    ['delivery', deliveryChart(recording, machines.deliveryMachine ?? deliveryMachine, currentStep)],
  ]);
  for (const [name, value] of Object.entries(recording.start))
    if (isQueueName(name)) charts.set(name, queue(value as StateValue));

  /** A queue has its chart from one step of delivery to another. */
  const follow = ({ type, queue: number }: RecordedEvent): void => {
    if (number === undefined) return;
    if (type === 'queue.begun') charts.set(queueNameOf(number), queue(QUEUE_BEGINNING));
    else charts.delete(queueNameOf(number));
  };

  return {
    take(step, index) {
      current = step;
      const led = charts.get(step.event.chart);
      if (led === undefined)
        throw new RangeError('This recording is damaged: a step is of a chart that does not run.');
      const { snapshot, facts, delaysMs, transitions } = led.take(step, index);
      follow(step.event);
      return { state: snapshot.value, facts, delaysMs, transitions };
    },
    takeDue: (chart, type) => charts.get(chart)?.chart.takeDue(type) ?? null,
    delaysOf: (chart) => charts.get(chart)?.chart.delays ?? [],
  };
};
