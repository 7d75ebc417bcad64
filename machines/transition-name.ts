import type { AnyStateNode } from 'xstate';

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

const triggerOf = ({ source, eventType }: NamedTransition): string => {
  if (eventType === '') return 'always';
  return eventType.startsWith(AFTER)
    ? `after ${eventType.slice(AFTER.length, -source.id.length - 1)}`
    : eventType;
};

const guardOf = (guard: unknown): string => {
  if (guard === undefined) return '';
  return typeof guard === 'string' ? ` [${guard}]` : ` [${(guard as { type?: string }).type ?? 'inline'}]`;
};

const names = new WeakMap<NamedTransition, string>();

/** A transition as a person would write it: `closed: always [saysReject] → failed.rejected`. */
export const nameOfTransition = (transition: NamedTransition): string => {
  const known = names.get(transition);
  if (known !== undefined) return known;
  const { source, target, guard } = transition;
  const to = target === undefined ? 'stays' : target.map(pathOfState).join(', ');
  const name = `${pathOfState(source)}: ${triggerOf(transition)}${guardOf(guard)} → ${to}`;
  names.set(transition, name);
  return name;
};
