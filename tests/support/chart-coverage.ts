import type { AnyStateMachine, AnyStateNode, InspectionEvent } from 'xstate';

interface Transition {
  readonly source: AnyStateNode;
  readonly eventType: string;
  readonly target?: readonly AnyStateNode[] | undefined;
  readonly guard?: unknown;
}

const guardName = (guard: unknown): string => {
  if (guard === undefined) return '';
  return typeof guard === 'string' ? ` [${guard}]` : ` [${(guard as { type?: string }).type ?? 'inline'}]`;
};

/** A transition as a person would write it: `socket socket.closed [wasRejected] → failed.rejected`. */
const nameOf = ({ source, eventType, target, guard }: Transition): string => {
  const path = (node: AnyStateNode) => node.path.join('.') || 'root';
  const to = target === undefined ? 'stays' : target.map(path).join(', ');
  return `${path(source)} ${eventType || 'always'}${guardName(guard)} → ${to}`;
};

const transitionsOf = (node: AnyStateNode): Transition[] => [
  ...[...node.transitions.values()].flat(),
  ...(node.always ?? []),
  ...Object.values(node.states).flatMap(transitionsOf),
];

/** Watches charts and knows which of a machine's transitions were taken. Pass `observe` as an actor's `inspect`. */
export const createChartCoverage = (machine: AnyStateMachine) => {
  const names = new Map(transitionsOf(machine.root).map((transition) => [transition, nameOf(transition)]));
  const taken = new Set<string>();
  return {
    observe(event: InspectionEvent): void {
      if (event.type !== '@xstate.microstep') return;
      for (const transition of event._transitions as unknown as Transition[]) {
        // A provided machine has nodes of its own: names, not identities, are compared.
        if (transition.source.machine.id === machine.id) taken.add(nameOf(transition));
      }
    },
    all: () => [...names.values()].sort(),
    missing: () => [...names.values()].filter((name) => !taken.has(name)).sort(),
  };
};
