import type { AnyEventObject } from 'xstate';
import { ATTEMPT_FAULTS, type ClassifyClose, LINK_FAULTS } from '../../machines/index.ts';
import { isDelayEvent } from '../../machines/xstate-internals.ts';
import { SOCKET_FAILURES, type SocketFailure } from '../protocol/socket-failure.ts';
import type { RecordedChart, RecordedEvent } from './recording.ts';

const oneOf = <T>(words: readonly T[], word: unknown): T | undefined => words.find((known) => known === word);

const failureOf = (failure: unknown): { failure?: SocketFailure } => {
  const { why, httpStatus } = (failure ?? {}) as { why?: unknown; httpStatus?: unknown };
  const known = oneOf(SOCKET_FAILURES, why);
  if (known === undefined) return {};
  return { failure: { why: known, httpStatus: typeof httpStatus === 'number' ? httpStatus : null } };
};

/** What a step needs beside its event. */
export interface StepContext {
  /** The events that the chart knows: it names each one that it reacts to. */
  readonly events: readonly string[];
  readonly userId: string | null;
  readonly said: ReturnType<ClassifyClose>;
}

const isRecorded = (type: string, { events }: Pick<StepContext, 'events'>): boolean =>
  isDelayEvent(type) || events.includes(type);

const payloadOf = (
  event: AnyEventObject,
  { userId, said }: Pick<StepContext, 'userId' | 'said'>,
): Omit<RecordedEvent, 'chart' | 'type'> => {
  switch (event.type) {
    case 'user.connect':
      return { isSameUser: event.userId === userId };
    case 'socket.closed': {
      const { code, wasClean, minDelayMs, failure } = event;
      return {
        ...(typeof code === 'number' ? { code } : {}),
        wasClean: wasClean === true,
        ...(typeof minDelayMs === 'number' ? { minDelayMs } : {}),
        ...failureOf(failure),
        ...(said === undefined ? {} : { said: { then: said.then, minDelayMs: said.minDelayMs ?? 0 } }),
      };
    }
    case 'attempt.failed': {
      const cause = oneOf(ATTEMPT_FAULTS, event.cause);
      return cause === undefined ? {} : { cause };
    }
    case 'dial.held':
      return typeof event.upToMs === 'number' ? { upToMs: event.upToMs } : {};
    case 'heartbeat.armed':
      return { canAsk: event.canAsk === true };
    case 'queue.begun':
    case 'queue.over':
      return typeof event.queue === 'number' ? { queue: event.queue } : {};
    case 'store.read':
    case 'link.welcomed':
      return { areVerdictsKept: event.areVerdictsKept === true };
    case 'link.broken': {
      const why = oneOf(LINK_FAULTS, event.why);
      return why === undefined ? {} : { why };
    }
    default:
      return {};
  }
};

/**
 * An event as it is recorded; null: not at all, as the chart does not know it. Everything is copied out of a closed set of
 * words, numbers and booleans: people fire events by hand, with anything in them.
 */
export const recordedEvent = (
  chart: RecordedChart,
  event: AnyEventObject,
  context: StepContext,
): RecordedEvent | null => {
  if (!isRecorded(event.type, context)) return null;
  try {
    return { chart, type: event.type, ...payloadOf(event, context) };
  } catch {
    // A getter of an event that was fired by hand: the chart, which did not read it, goes on.
    return { chart, type: event.type };
  }
};
