import type { AnyStateNode, InspectionEvent } from 'xstate';

/** What is read of a transition, as XState keeps it. */
export interface NamedTransition {
  readonly source: AnyStateNode;
  readonly eventType: string;
  readonly target?: readonly AnyStateNode[] | undefined;
  readonly guard?: unknown;
}

const AFTER = 'xstate.after.';

/** Where a state stands in its chart: `backoff.waiting`. */
export const pathOfState = (node: AnyStateNode): string => node.path.join('.') || 'any state';

/** The event that a transition waits for, or `after` with the name of a delay; `always` where it waits for none. */
export const triggerOf = ({ source, eventType }: Pick<NamedTransition, 'source' | 'eventType'>): string => {
  if (eventType === '') return 'always';
  return eventType.startsWith(AFTER)
    ? `after ${eventType.slice(AFTER.length, -source.id.length - 1)}`
    : eventType;
};

/** The name of a guard; null: there is none. */
export const guardNameOf = (guard: unknown): string | null => {
  if (guard === undefined) return null;
  return typeof guard === 'string' ? guard : ((guard as { type?: string }).type ?? 'inline');
};

const names = new WeakMap<NamedTransition, string>();

/** A transition as a person would write it: `closed: always [saysReject] → failed.rejected`. */
export const nameOfTransition = (transition: NamedTransition): string => {
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
  event.type === '@xstate.microstep'
    ? event._transitions.filter(({ source }) => source.machine.id === machineId).map(nameOfTransition)
    : [];
