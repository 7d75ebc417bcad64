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

/** A path of events through the chart, as `connectionPaths` finds them. */
interface CoveringPath {
  readonly title: string;
  readonly transitions: readonly string[];
}

/** A transition that most paths take needs no list of them all. */
const NUMBERS_SHOWN = 3;

const tick = ({ name }: ChartTransition, paths: readonly CoveringPath[]): string => {
  const numbers = paths.flatMap(({ transitions }, index) => (transitions.includes(name) ? [index + 1] : []));
  if (numbers.length === 0) return '**none**';
  const more = numbers.length - NUMBERS_SHOWN;
  return `✓ ${numbers.slice(0, NUMBERS_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

const transitionRow = (transition: ChartTransition): string[] => [
  nameOf(transition.source),
  code(transition.trigger ?? 'always'),
  transition.guard === null ? (transition.isElse ? 'else' : '') : code(transition.guard),
  transition.target === null ? 'stays' : code(transition.target),
  codes(transition.actions),
  transition.description ?? '',
];

const TRANSITION_HEAD = ['from', 'event', 'guard', 'to', 'actions', 'why'];

const coverage = (transitions: readonly ChartTransition[], paths: readonly CoveringPath[]): string => {
  const taken = new Set(paths.flatMap((path) => path.transitions));
  const takenCount = transitions.filter((transition) => taken.has(transition.name)).length;
  return `
## Paths

${paths.length} event paths take ${takenCount} of ${transitions.length} transitions. \`connectionPaths()\` of \`statesocket/testing\` finds them in the machine;
the tests run each against a fake server and against a real one, and fail if a state or a transition was not taken.

${paths.map(({ title }, index) => `${index + 1}. ${title}`).join('\n')}
`;
};

/**
 * Lists a machine in Markdown: its states, and its transitions in the order in which they are tried.
 *
 * @param name the name of its picture, which stands beside the list.
 * @param paths event paths that tests run: each transition is ticked with those that take it. None: no coverage is shown.
 */
export const describeStatechart = (
  name: string,
  machine: AnyStateMachine,
  paths: readonly CoveringPath[] = [],
): string => {
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

${table(
  [...TRANSITION_HEAD, ...(paths.length > 0 ? ['paths'] : [])],
  transitions.map((transition) => [
    ...transitionRow(transition),
    ...(paths.length > 0 ? [tick(transition, paths)] : []),
  ]),
)}
${paths.length > 0 ? coverage(transitions, paths) : ''}`;
};
