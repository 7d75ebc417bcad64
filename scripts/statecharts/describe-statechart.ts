import type { AnyStateMachine } from 'xstate';
import { type ChartState, type ChartTransition, readChart, statesOf } from './read-chart.ts';

const code = (text: string): string => `\`${text}\``;
const codes = (names: readonly string[]): string => names.map(code).join(', ');
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

const nameOf = (id: string): string => (id === '' ? 'any state' : code(id));

const does = ({ entry, exit, invokes }: ChartState): string =>
  [
    invokes.length > 0 ? `runs ${codes(invokes)}` : '',
    entry.length > 0 ? `on entry ${codes(entry)}` : '',
    exit.length > 0 ? `on exit ${codes(exit)}` : '',
  ]
    .filter(Boolean)
    .join('; ');

const stateRow = (state: ChartState): string[] => [
  `${code(state.id)}${state.isInitial ? ' (initial)' : ''}`,
  state.status === null ? '' : code(state.status),
  state.description ?? '',
  does(state),
];

const transitionRow = (transition: ChartTransition): string[] => [
  nameOf(transition.source),
  code(transition.trigger ?? 'always'),
  transition.guard === null ? (transition.isElse ? 'else' : '') : code(transition.guard),
  transition.target === null ? 'stays' : code(transition.target),
  codes(transition.actions),
  transition.description ?? '',
];

/**
 * Lists a machine in Markdown: its states, and its transitions in the order in which they are tried.
 *
 * @param name the name of its picture, which stands beside the list.
 */
export const describeStatechart = (name: string, machine: AnyStateMachine): string => {
  const root = readChart(machine);
  const states = statesOf(root);
  const transitions = states.flatMap((state) => state.transitions);
  return `<!-- Generated from the machine: npm run diagram. -->
# The statechart \`${root.name}\`

${root.description ?? ''}

![The statechart](${name}.svg)

## States

${table(['state', 'status', 'what it is', 'what it does'], states.slice(1).map(stateRow))}

## Transitions

Candidates of one event are tried from top to bottom; the first whose guard holds is taken. A state's own transitions come
before those of the states around it.

${table(['from', 'event', 'guard', 'to', 'actions', 'why'], transitions.map(transitionRow))}
`;
};
