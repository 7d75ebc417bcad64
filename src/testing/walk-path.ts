import { createActor, type StateValue } from 'xstate';
import {
  type ConnectionFailure,
  type ConnectionStatus,
  connectionMachine,
  failureOf,
  statusOf,
} from '../../machines/index.ts';
import { namesTakenIn } from '../../machines/transition-name.ts';
import type { EventSequence } from './find-paths.ts';
import { isOfTime, type PathEvent, type PathOptions } from './path-events.ts';
import { createVirtualClock } from './virtual-clock.ts';

/** One step of a path: what happens, and what is true after it. */
export interface PathStep {
  readonly event: PathEvent;
  /** The public status after it. */
  readonly status: ConnectionStatus;
  /** Why it is `failed`, or null. */
  readonly failure: ConnectionFailure | null;
  /** The chart's own state after it, as `connection.actor.getSnapshot().value` has it. */
  readonly state: StateValue;
}

/** A sequence of events, walked: what it leads to, and the transitions it takes. */
export interface Walk {
  readonly steps: readonly PathStep[];
  readonly taken: readonly string[];
}

/**
 * Walks a sequence on the real machine in virtual time. The search knows no time: here an event of time becomes the ms
 * that pass until it comes. Null: another timer is due first, so the sequence does not come true.
 */
export const walkPath = (events: EventSequence, options: PathOptions): Walk | null => {
  const clock = createVirtualClock();
  const taken = new Set<string>();
  let heard: string[] = [];
  const actor = createActor(connectionMachine, {
    input: options,
    clock: clock as {
      setTimeout(callback: () => void, delayMs: number): unknown;
      clearTimeout(id: unknown): void;
    },
    inspect: (event) => {
      for (const name of namesTakenIn(event, connectionMachine.id)) taken.add(name);
      if (event.type === '@xstate.event' && event.actorRef === actor) heard.push(event.event.type);
    },
  });
  actor.start();

  const passTo = (type: string): PathEvent | null => {
    const ms = clock.nextTimerInMs;
    if (ms === null) return null;
    heard = [];
    clock.passes(ms);
    return heard.length > 0 && heard.every((other) => other === type) ? { type: 'time.passes', ms } : null;
  };

  const steps: PathStep[] = [];
  for (const event of events) {
    const happened: PathEvent | null = isOfTime(event) ? passTo(event.type) : event;
    if (happened === null) return null;
    if (happened.type !== 'time.passes') actor.send(happened);
    const snapshot = actor.getSnapshot();
    steps.push({
      event: happened,
      status: statusOf(snapshot),
      failure: failureOf(snapshot),
      state: snapshot.value,
    });
  }
  actor.stop();
  return { steps, taken: [...taken] };
};
