import type { ConnectionStatus } from '../../../machines/index.ts';

/** A point in the picture's own units, from its top left corner. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle; its point is its top left corner. */
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** Sizes of the type. The monospaced faces in use are up to 0.61 em wide; sans-serif bold takes 0.63 em on average. */
export const TYPE = {
  name: { size: 15, width: 9.4, height: 22 },
  line: { size: 12, width: 7.4, height: 18 },
  label: { height: 15 },
} as const;

/** The room a state keeps around its text. */
export const PADDING = { x: 14, y: 9 } as const;

/** A line below the name of a state. */
export interface PictureLine {
  readonly text: string;
  /** The state that it leads to, where it stands for an arrow that is not drawn. */
  readonly to: string | null;
  /** The name of the transition that it stands for; null: an actor. */
  readonly transition: string | null;
}

/** A state and its place. */
export interface PictureState extends Box {
  /** The path from the root, joined by dots; empty for the root. */
  readonly id: string;
  readonly name: string;
  readonly about: string | null;
  /** The public status of all that is in it; null where its children differ. */
  readonly status: ConnectionStatus | null;
  readonly isGroup: boolean;
  readonly isInitial: boolean;
  readonly isParallel: boolean;
  readonly lines: readonly PictureLine[];
}

/** A line of an arrow's label: an event or a delay, and the condition under which it counts; one of them may be empty. */
export interface PictureLabelLine {
  readonly event: string;
  readonly condition: string;
  /** The name of the transition that it belongs to. */
  readonly transition: string;
}

/** The arrow from one state to another, with every transition that takes it. */
export interface PictureArrow {
  /** The names of the transitions. */
  readonly transitions: readonly string[];
  readonly about: string;
  /** As the `d` of an SVG path: the line, and the tip at its end. */
  readonly way: string;
  readonly tip: string;
  readonly label: Box;
  readonly lines: readonly PictureLabelLine[];
}

/** A statechart, laid out: all that is needed to draw it. Plain JSON, made when statesocket is built. */
export interface ChartPicture {
  readonly name: string;
  readonly about: string;
  readonly width: number;
  readonly height: number;
  /** Parents come before their children. */
  readonly states: readonly PictureState[];
  readonly arrows: readonly PictureArrow[];
  /** The sign that the root's arrows leave from: they do so from any state. Null without such arrows. */
  readonly anyState: Box | null;
}

const START_MARK_WIDTH = 16;

/** How wide a text is, in the type of a name or of a line. */
export const widthOf = (text: string, { width }: { readonly width: number }): number =>
  Math.ceil(text.length * width);

/** How wide the name of a state is, with the mark of an initial one. */
export const nameWidthOf = ({ name, isInitial }: Pick<PictureState, 'name' | 'isInitial'>): number =>
  widthOf(name, TYPE.name) + (isInitial ? START_MARK_WIDTH : 0);

/** Where the name of a state and its lines are written. */
export const wordsOf = (
  state: Pick<PictureState, 'x' | 'y' | 'name' | 'isInitial' | 'lines'>,
): readonly Box[] => {
  const x = state.x + PADDING.x - 4;
  const y = state.y + PADDING.y;
  return [
    { x, y, width: nameWidthOf(state) + 8, height: TYPE.name.height },
    ...state.lines.map(({ text }, index) => ({
      x,
      y: y + TYPE.name.height + index * TYPE.line.height,
      width: widthOf(text, TYPE.line) + 8,
      height: TYPE.line.height,
    })),
  ];
};
