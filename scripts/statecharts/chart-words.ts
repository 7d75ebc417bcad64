import { type ChartState, type ChartTransition, labelOf, statesOf } from './read-chart.ts';

/** A line below the name of a state. */
export interface StateLine {
  readonly text: string;
  /** The transition that it stands for; null: an actor that the state runs. */
  readonly transition: ChartTransition | null;
}

/** What a picture says in words, and what it says by arrows. */
export interface ChartWords {
  /** What is written below the name of each state, by id. */
  readonly lines: ReadonlyMap<string, readonly StateLine[]>;
  /** The transitions that are drawn. */
  readonly drawn: readonly ChartTransition[];
}

/** A line of a label: an event or delay, and the condition under which it counts; one of them may be empty. */
export interface LabelLine {
  readonly event: string;
  readonly condition: string;
}

/** So many arrows back up to one state are no longer followed by eye. */
const MANY_ARROWS_COUNT = 4;
/** Up to this many characters an event and its condition stand in one line. */
const LABEL_CHARACTERS_COUNT = 26;

/**
 * Which transitions are written in their state instead of drawn: those back up to a state where many such arrive. A chart
 * reads from top to bottom then, and no bundle of lines runs back along its side.
 */
const writtenTransitions = (states: readonly ChartState[]): ReadonlySet<ChartTransition> => {
  const order = new Map(states.map(({ id }, index) => [id, index]));
  const upward = states
    .flatMap(({ transitions }) => transitions)
    .filter(
      ({ source, target }) =>
        target !== null && source !== '' && (order.get(source) ?? 0) > (order.get(target) ?? 0),
    );
  const sourceCountOf = (state: string | null): number =>
    new Set(upward.filter(({ target }) => target === state).map(({ source }) => source)).size;
  return new Set(upward.filter(({ target }) => sourceCountOf(target) >= MANY_ARROWS_COUNT));
};

/** Decides what is written in each state: what it runs, the events at which it stays, and the arrows that are not drawn. */
export const chartWords = (root: ChartState): ChartWords => {
  const states = statesOf(root);
  const written = writtenTransitions(states);
  const textIn = (transition: ChartTransition): string | null => {
    const label = labelOf(transition);
    if (transition.target === null) return `${label} · ${transition.actions.join(', ') || 'ignored'}`;
    return written.has(transition) ? `${label} → ${transition.target}` : null;
  };
  const linesOf = ({ invokes, transitions }: ChartState): StateLine[] => [
    ...invokes.map((id) => ({ text: `runs the ${id} actor`, transition: null })),
    ...transitions.flatMap((transition) => {
      const text = textIn(transition);
      return text === null ? [] : [{ text, transition }];
    }),
  ];
  return {
    lines: new Map(states.map((state) => [state.id, linesOf(state)])),
    drawn: states
      .flatMap(({ transitions }) => transitions)
      .filter((transition) => transition.target !== null && !written.has(transition)),
  };
};

/** How a transition is written at its arrow: in one line where that is short enough. */
export const labelLinesOf = ({ trigger, guard, isElse }: ChartTransition): readonly LabelLine[] => {
  const event = trigger ?? '';
  const condition = guard === null ? (isElse ? 'else' : '') : `[${guard}]`;
  if (event !== '' && condition !== '' && event.length + condition.length < LABEL_CHARACTERS_COUNT) {
    return [{ event, condition }];
  }
  return [
    { event, condition: '' },
    { event: '', condition },
  ].filter((line) => line.event + line.condition !== '');
};

/** A line of a label as it reads. */
export const textOf = ({ event, condition }: LabelLine): string =>
  [event, condition].filter(Boolean).join(' ');
