import type { AnyStateMachine, AnyStateNode, InspectionEvent } from 'xstate';
import { nameOfTransition, namesTakenIn, pathOfState } from '../../machines/transition-name.ts';
import { activeStatesOf, type TakenTransition } from '../../machines/xstate-internals.ts';

const nodesOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values<AnyStateNode>(node.states).flatMap(nodesOf),
];

const transitionsOf = (node: AnyStateNode): TakenTransition[] => [
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
  const states = nodes.slice(1).map(pathOfState).sort();
  const taken = new Set<string>();
  const entered = new Set<string>();
  return {
    observe(event) {
      if (event.type !== '@xstate.microstep') return;
      // A provided machine has nodes of its own: names, not identities, are compared.
      for (const name of namesTakenIn(event, machine.id)) taken.add(name);
      for (const node of activeStatesOf(event.snapshot))
        if (node.machine.id === machine.id) entered.add(pathOfState(node));
    },
    all: () => all,
    taken: () => [...taken].sort(),
    missing: () => all.filter((name) => !taken.has(name)),
    missingStates: () => states.filter((state) => !entered.has(state)),
  };
};
