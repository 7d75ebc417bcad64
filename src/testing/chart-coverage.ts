import type { AnyStateMachine, AnyStateNode, InspectionEvent } from 'xstate';

/** What is read of a transition, as XState keeps it. */
interface NamedTransition {
  readonly source: AnyStateNode;
  readonly eventType: string;
  readonly target?: readonly AnyStateNode[] | undefined;
  readonly guard?: unknown;
}

const AFTER = 'xstate.after.';

const pathOf = (node: AnyStateNode): string => node.path.join('.') || 'any state';

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
  const to = target === undefined ? 'stays' : target.map(pathOf).join(', ');
  const name = `${pathOf(source)}: ${triggerOf(transition)}${guardOf(guard)} → ${to}`;
  names.set(transition, name);
  return name;
};

/** The names of the transitions of one machine that a microstep took. */
export const namesTakenIn = (event: InspectionEvent, machineId: string): readonly string[] =>
  event.type === '@xstate.microstep'
    ? (event._transitions as unknown as NamedTransition[])
        .filter(({ source }) => source.machine.id === machineId)
        .map(nameOfTransition)
    : [];

const nodesOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values<AnyStateNode>(node.states).flatMap(nodesOf),
];

const transitionsOf = (node: AnyStateNode): NamedTransition[] => [
  ...[...node.transitions.values()].flat(),
  ...(node.always ?? []),
];

/** What runs of a chart have taken and entered, and what they have not. All lists are sorted. */
export interface ChartCoverage {
  /** Pass it as the option `inspect`, of one actor or connection or of many. */
  observe(event: InspectionEvent): void;
  /** Every transition of the chart, `always` and `after` included. */
  all(): readonly string[];
  /** The transitions that were taken. */
  taken(): readonly string[];
  /** The transitions that were not taken. */
  missing(): readonly string[];
  /** The states that were not entered. */
  missingStates(): readonly string[];
}

/**
 * Watches runs of a chart and knows which of its transitions and states they missed.
 *
 * @example
 * const coverage = createChartCoverage(connectionMachine);
 * const connection = createConnection({ url, inspect: coverage.observe });
 * // … the tests …
 * expect(coverage.missing()).toEqual([]);
 */
export const createChartCoverage = (machine: AnyStateMachine): ChartCoverage => {
  const nodes = nodesOf(machine.root);
  const all = nodes.flatMap(transitionsOf).map(nameOfTransition).sort();
  // The root is active in every run, and so are the states it begins with.
  const states = nodes.slice(1).map(pathOf).sort();
  const taken = new Set<string>();
  const entered = new Set<string>();
  return {
    observe(event) {
      if (event.type !== '@xstate.microstep') return;
      // A provided machine has nodes of its own: names, not identities, are compared.
      for (const name of namesTakenIn(event, machine.id)) taken.add(name);
      const { _nodes: active = [] } = event.snapshot as { _nodes?: readonly AnyStateNode[] };
      for (const node of active) if (node.machine.id === machine.id) entered.add(pathOf(node));
    },
    all: () => all,
    taken: () => [...taken].sort(),
    missing: () => all.filter((name) => !taken.has(name)),
    missingStates: () => states.filter((state) => !entered.has(state)),
  };
};
