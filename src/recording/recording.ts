import type { StateValue } from 'xstate';
import type { CONNECTION_FACTS, ConnectionContext } from '../../machines/connection.context.ts';
import type { NUMBER_SETTINGS } from '../../machines/connection.settings.ts';
import type { AttemptFault, ConnectionEnd, LinkFault } from '../../machines/index.ts';
import type { Traffic } from '../actors/traffic.ts';
import type { SocketFailure } from '../protocol/socket-failure.ts';

/** The version of {@link Recording}. It rises when a reader of the one before could not read the new one. */
export const RECORDING_VERSION = 3;

/** The charts that every recording has: that of the connection, and that of the delivery of its messages. */
export const RECORDED_CHARTS = ['connection', 'delivery'] as const;

/** The chart of a queue of durable messages. A page has one for each user, by
 * numbers that are used again; no recording says whose it is. */
export type RecordedQueue = `outbox ${number}`;

/** Which chart took a step. */
export type RecordedChart = (typeof RECORDED_CHARTS)[number] | RecordedQueue;

/** Where the chart of a queue begins. */
export const QUEUE_BEGINNING: StateValue = { here: { loading: 'parked' } };

/** The name of the chart of a queue. */
export const queueNameOf = (queue: number): RecordedQueue => `outbox ${queue}`;

/** Whether it names the chart of a queue. */
export const isQueueName = (name: unknown): name is RecordedQueue =>
  typeof name === 'string' && /^outbox \d{1,15}$/.test(name);

/** An event of a chart. Of what it carried only what the chart's guards look at: no user, no reason of a close. */
export interface RecordedEvent {
  readonly chart: RecordedChart;
  /** As the chart calls it; that of a delay begins with `xstate.after.`. */
  readonly type: string;
  /** Of `user.connect`: whether it named the user whose connection it already was. */
  readonly isSameUser?: boolean;
  /** Of `socket.closed`. */
  readonly code?: number;
  /** Of `socket.closed`. */
  readonly wasClean?: boolean;
  /** Of `socket.closed`: what the server asked for in a CLOSING frame. Missing: nothing. */
  readonly minDelayMs?: number;
  /** Of `socket.closed`: what `classifyClose` returned. Missing: nothing, the close table decided. */
  readonly said?: { readonly then: 'backoff' | 'refresh' | 'reject'; readonly minDelayMs: number };
  /** Of `socket.closed`: why its socket failed, where the platform told. */
  readonly failure?: SocketFailure;
  /** Of `attempt.failed`. */
  readonly cause?: AttemptFault;
  /** Of `dial.held`. */
  readonly upToMs?: number;
  /** Of `heartbeat.armed`. */
  readonly canAsk?: boolean;
  /** Of `link.broken`. */
  readonly why?: LinkFault;
  /** Of `queue.begun` and `queue.over`: which one. */
  readonly queue?: number;
  /** Of `store.read` and `link.welcomed`. */
  readonly areVerdictsKept?: boolean;
}

/** What the charts remember and their guards look at. Named as in the context of the charts. */
export interface RecordedFacts extends Pick<ConnectionContext, (typeof CONNECTION_FACTS)[number]> {
  /** Whether somebody is connected; who it is, no recording says. */
  readonly hasUser: boolean;
  /** How the last attempt or socket ended, without the reason that the server gave. */
  readonly end: Pick<ConnectionEnd, 'cause' | 'code' | 'wasClean'> | null;
  /** Of delivery: a server of the extension is expected. */
  readonly supportsDelivery: boolean;
}

/** The options that decide what the charts do. */
export interface RecordedSettings
  extends Readonly<Record<Exclude<(typeof NUMBER_SETTINGS)[number], 'maxRetries'>, number>> {
  /** Null: without end, as JSON has no Infinity. */
  readonly maxRetries: number | null;
  /** That of the backoff policy; 0: none. */
  readonly spreadMs: number;
}

/** What the data plane has done, and what waits. */
export interface RecordedCounters extends Readonly<Traffic> {
  /** Durable messages that wait in the outbox, those included that were sent and have no receipt. */
  readonly outboxCount: number;
  /** Messages of the delivery extension that were applied. */
  readonly appliedCount: number;
}

/** Where the recorded steps begin: the state of each chart that runs, and what they remember. */
export interface RecordedStart {
  readonly connection: StateValue;
  readonly delivery: StateValue;
  readonly [queue: RecordedQueue]: StateValue;
  readonly facts: RecordedFacts;
}

/** The charts that run. */
export const chartsIn = (start: RecordedStart): readonly RecordedChart[] => [
  ...RECORDED_CHARTS,
  ...Object.keys(start).filter(isQueueName),
];

/**
 * A step, packed: ms since the connection was made; the event, the state after it and the facts that it changed, each by its
 * index in `events`, `states` and `changes`; the delays that it set, in ms; and the delay that the backoff policy, or chance,
 * answered, where it was asked.
 */
export type PackedStep = readonly [
  atMs: number,
  event: number,
  state: number,
  change: number,
  delaysMs: readonly number[],
  drawnMs?: number,
];

/**
 * What the charts of a connection did last: plain JSON, and small (1,000 steps take less than 64 KiB, or a
 * few more where `classifyClose` advises another wait at each close). It holds no message,
 * token, URL, user or close reason. `readRecording` unpacks it; `replay` of `statesocket/testing` runs it.
 */
export interface Recording {
  readonly version: typeof RECORDING_VERSION;
  readonly settings: RecordedSettings;
  /** When it was taken, in ms since the connection was made. Monotonic. */
  readonly atMs: number;
  readonly counters: RecordedCounters;
  /** How many older steps are not in it. */
  readonly droppedCount: number;
  readonly start: RecordedStart;
  readonly events: readonly RecordedEvent[];
  readonly states: readonly StateValue[];
  readonly changes: readonly Partial<RecordedFacts>[];
  readonly steps: readonly PackedStep[];
}

/** One step of a chart: an event, and what came of it. */
export interface RecordedStep {
  /** Ms since the connection was made. */
  readonly atMs: number;
  readonly event: RecordedEvent;
  /** The state of the chart after it. */
  readonly state: StateValue;
  /** The facts that it changed. */
  readonly change: Partial<RecordedFacts>;
  /** The delays that it set, in ms, in that order. */
  readonly delaysMs: readonly number[];
  /** What the backoff policy returned, or chance drew for a spread, in ms. */
  readonly drawnMs?: number;
}
