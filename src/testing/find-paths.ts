import { initialTransition, transition } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import {
  type ConnectionChartSnapshot,
  type ConnectionEvent,
  connectionMachine,
} from '../../machines/index.ts';
import { eventsIn, type PathOptions } from './path-events.ts';
import { describeState } from './path-words.ts';

/** A sequence of events, `after` events included. */
export type EventSequence = readonly ConnectionEvent[];

/** A state, and of what it remembers only what later guards look at and the event before it does not tell. */
const keyOf = ({ context, value }: ConnectionChartSnapshot): string =>
  [
    describeState(value),
    context.tokenReason,
    context.retryCount < context.settings.maxRetries,
    context.minDelayMs > 0,
  ].join(' ');

const search = (
  fromState: ConnectionChartSnapshot,
  stopWhen: (snapshot: ConnectionChartSnapshot) => boolean,
): readonly EventSequence[] =>
  getShortestPaths(connectionMachine, {
    fromState,
    stopWhen,
    events: eventsIn,
    // With the event and the state before it, each transition is a place to reach, and not each state only.
    serializeState: (state, event, before) =>
      [
        before === undefined ? '' : describeState(before.value),
        JSON.stringify(event ?? null),
        keyOf(state),
      ].join(' | '),
  }).map(({ steps }) => steps.slice(1).map(({ event }) => event));

const startOf = (options: PathOptions): ConnectionChartSnapshot =>
  initialTransition(connectionMachine, options)[0];

/** Sequences of events that lead through the transitions of the real machine from each of its states. */
export const findPaths = (options: PathOptions): readonly EventSequence[] =>
  search(startOf(options), () => false);

/** The same for a chart that is stable as soon as it opens: what differs is found on the way to stable. */
export const findPathsToStable = (options: PathOptions): readonly EventSequence[] =>
  search(startOf(options), (snapshot) => snapshot.hasTag('open'));

/**
 * The same with the connect budget spent, until a socket may be dialled again. That is ten dials away, further than a
 * search in the breadth should go: it begins there.
 */
export const findPathsWithoutBudget = (options: PathOptions): readonly EventSequence[] => {
  const start = startOf(options);
  const spending = Array.from(
    { length: start.context.connectBudget },
    (_, index): ConnectionEvent => ({ type: 'user.connect', userId: `user ${index + 1}` }),
  );
  const spent = spending.reduce(
    (snapshot, event) => transition(connectionMachine, snapshot, event)[0],
    start,
  );
  return search(spent, ({ context }) => context.connectBudget > 0).map((tail) => [...spending, ...tail]);
};
