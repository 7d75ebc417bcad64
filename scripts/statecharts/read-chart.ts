import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { CONNECTION_STATUSES, type ConnectionStatus } from '../../machines/index.ts';
import { guardNameOf, nameOfTransition, triggerOf } from '../../machines/transition-name.ts';

/** A transition, by the names its machine gives. */
export interface ChartTransition {
  readonly id: string;
  /** What `createChartCoverage` and `connectionPaths` call it. */
  readonly name: string;
  readonly source: string;
  /** Null: it stays where it is. */
  readonly target: string | null;
  /** The event, or `after` with the name of a delay; null for `always`. */
  readonly trigger: string | null;
  readonly guard: string | null;
  /** Without a guard of its own, after others of the same trigger: it is taken when they are not. */
  readonly isElse: boolean;
  readonly actions: readonly string[];
  readonly description: string | null;
}

/** A state, with what it carries out by itself. */
export interface ChartState {
  /** The path from the root, joined by dots; empty for the root. */
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  /** The public status of everything in it; null where its children differ. */
  readonly status: ConnectionStatus | null;
  readonly isInitial: boolean;
  readonly isParallel: boolean;
  readonly isFinal: boolean;
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  readonly invokes: readonly string[];
  readonly transitions: readonly ChartTransition[];
  readonly children: readonly ChartState[];
}

const idOf = (node: AnyStateNode): string => node.path.join('.');

/** XState keeps its own raise and cancel for `after` among the actions; those are functions. */
const namesOf = (actions: readonly unknown[]): string[] =>
  actions.flatMap((action) => {
    if (typeof action === 'string') return [action];
    if (typeof action === 'function') return [];
    return [(action as { type: string }).type];
  });

/** `always` is no part of a machine's `definition`: both lists are read off the node. */
const transitionsOf = (node: AnyStateNode): ChartTransition[] =>
  [node.always ?? [], ...node.transitions.values()].flatMap((candidates) =>
    candidates.flatMap((candidate, index) => {
      const trigger = candidate.eventType === '' ? null : triggerOf(candidate);
      const guard = guardNameOf(candidate.guard);
      const targets: (AnyStateNode | null)[] = candidate.target?.length ? [...candidate.target] : [null];
      return targets.map((target): ChartTransition => {
        const to = target === null ? null : idOf(target);
        return {
          id: [idOf(node), trigger ?? 'always', index, to ?? 'stays'].join(' '),
          name: nameOfTransition(candidate),
          source: idOf(node),
          target: to,
          trigger,
          guard,
          isElse: guard === null && index > 0,
          actions: namesOf(candidate.actions),
          description: candidate.description ?? null,
        };
      });
    }),
  );

const ownStatus = (node: AnyStateNode): ConnectionStatus | null =>
  CONNECTION_STATUSES.find((status) => node.tags.includes(status)) ?? null;

const readState = (node: AnyStateNode, inherited: ConnectionStatus | null): ChartState => {
  const status = ownStatus(node) ?? inherited;
  const children: AnyStateNode[] = Object.values(node.states);
  return {
    id: idOf(node),
    name: node.key,
    description: node.description ?? null,
    status,
    isInitial: node.parent?.initial?.target?.includes(node) ?? false,
    isParallel: node.type === 'parallel',
    isFinal: node.type === 'final',
    entry: namesOf(node.entry),
    exit: namesOf(node.exit),
    invokes: node.invoke.map(({ id }) => id),
    transitions: transitionsOf(node),
    children: children.map((child) => readState(child, status)),
  };
};

/** Reads a machine as plain data, in document order: what is drawn, listed and compared. */
export const readChart = (machine: AnyStateMachine): ChartState => readState(machine.root, null);

/** A state and all below it, in document order. */
export const statesOf = (state: ChartState): readonly ChartState[] => [
  state,
  ...state.children.flatMap(statesOf),
];

/** How a transition reads in one line, without its ends: `socket.closed [wasRejected]`. */
export const labelOf = ({
  trigger,
  guard,
  isElse,
}: Pick<ChartTransition, 'trigger' | 'guard' | 'isElse'>): string =>
  [trigger, guard === null ? null : `[${guard}]`, isElse ? 'else' : null]
    .filter((part) => part !== null)
    .join(' ');
