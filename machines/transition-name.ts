import type { AnyStateNode, InspectionEvent } from 'xstate';
import { delayNameOf, isDelayEvent, type TakenTransition, transitionsTakenIn } from './xstate-internals.ts';

/** Where a state stands in its chart: `backoff.waiting`. */
export const pathOfState = (node: AnyStateNode): string => node.path.join('.') || 'any state';

/** The event that a transition waits for, or `after` with the name of a delay; `always` where it waits for none. */
export const triggerOf = ({ eventType }: Pick<TakenTransition, 'eventType'>): string => {
  if (eventType === '') return 'always';
  return isDelayEvent(eventType) ? `after ${delayNameOf(eventType)}` : eventType;
};

/** The name of a guard; null: there is none. */
export const guardNameOf = (guard: unknown): string | null => {
  if (guard === undefined) return null;
  return typeof guard === 'string' ? guard : ((guard as { type?: string }).type ?? 'inline');
};

const names = new WeakMap<TakenTransition, string>();

/** A transition as a person would write it: `closed: always [saysReject] → failed.rejected`. */
export const nameOfTransition = (transition: TakenTransition): string => {
  const known = names.get(transition);
  if (known !== undefined) return known;
  const { source, target, guard } = transition;
  const to = target === undefined ? 'stays' : target.map(pathOfState).join(', ');
  const guardName = guardNameOf(guard);
  const when = guardName === null ? triggerOf(transition) : `${triggerOf(transition)} [${guardName}]`;
  const name = `${pathOfState(source)}: ${when} → ${to}`;
  names.set(transition, name);
  return name;
};

/** The names of the transitions of one machine that a microstep took; none of any other inspection event. */
export const namesTakenIn = (event: InspectionEvent, machineId: string): readonly string[] =>
  transitionsTakenIn(event)
    .filter(({ source }) => source.machine.id === machineId)
    .map(nameOfTransition);
