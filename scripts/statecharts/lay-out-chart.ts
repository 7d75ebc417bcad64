import ElkLayout, { type ElkExtendedEdge, type ElkNode, type LayoutOptions } from 'elkjs/lib/elk.bundled.js';
import { chartWords, type LabelLine, labelLinesOf, textOf } from './chart-words.ts';
import { type ChartState, type ChartTransition, statesOf } from './read-chart.ts';

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

/** A state with its place. */
export interface PlacedState extends Box {
  readonly state: ChartState;
  /** What is written below its name. */
  readonly lines: readonly string[];
  /** Where its name and its lines are written. */
  readonly words: readonly Box[];
}

/** The arrow from one state to another, with every transition that takes it. */
export interface PlacedArrow {
  readonly transitions: readonly ChartTransition[];
  /** From the source to the target. */
  readonly points: readonly Point[];
  readonly label: Box;
  readonly labelLines: readonly LabelLine[];
}

/** Where everything is. */
export interface ChartLayout {
  readonly width: number;
  readonly height: number;
  /** Parents come before their children. */
  readonly states: readonly PlacedState[];
  readonly arrows: readonly PlacedArrow[];
  /** The sign that the root's arrows leave from: they do so from any state. Null without such arrows. */
  readonly anyState: Box | null;
}

/** Sizes of the type. The monospaced faces in use are up to 0.61 em wide; sans-serif bold takes 0.63 em on average. */
export const TYPE = {
  name: { size: 15, width: 9.4, height: 22 },
  line: { size: 12, width: 7.4, height: 18 },
} as const;

/** The room a state keeps around its text. */
export const PADDING = { x: 14, y: 9 } as const;

const START_MARK_WIDTH = 16;
const ANY_STATE = 'any state';

const LAYOUT: LayoutOptions = {
  algorithm: 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.randomSeed': '1',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.layered.thoroughness': '60',
};

/** ELK reads these at each level. */
const SPACING: LayoutOptions = {
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.spacing.nodeNode': '26',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.edgeLabel': '5',
  'elk.layered.spacing.nodeNodeBetweenLayers': '24',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
};

const textWidth = (lines: readonly string[], perCharacter: number): number =>
  Math.ceil(Math.max(0, ...lines.map((line) => line.length)) * perCharacter);

const nameWidthOf = (state: ChartState): number =>
  textWidth([state.name], TYPE.name.width) + (state.isInitial ? START_MARK_WIDTH : 0);

type Lines = ReadonlyMap<string, readonly string[]>;

const wordsOf = (state: ChartState, lines: readonly string[], { x, y }: Point): Box[] => {
  const left = x + PADDING.x - 4;
  const below = y + PADDING.y + TYPE.name.height;
  return [
    { x: left, y: y + PADDING.y, width: nameWidthOf(state) + 8, height: TYPE.name.height },
    ...lines.map((line, index) => ({
      x: left,
      y: below + index * TYPE.line.height,
      width: textWidth([line], TYPE.line.width) + 8,
      height: TYPE.line.height,
    })),
  ];
};

const headOf = (state: ChartState, lines: readonly string[]) => ({
  width: Math.max(nameWidthOf(state), textWidth(lines, TYPE.line.width)) + PADDING.x * 2,
  height: PADDING.y * 2 + TYPE.name.height + lines.length * TYPE.line.height,
});

const nodeOf = (state: ChartState, lines: Lines, isRoot = false): ElkNode => {
  const head = headOf(state, lines.get(state.id) ?? []);
  const id = `state ${state.id}`;
  if (state.children.length === 0) return { id, ...head };
  const anyState: ElkNode = {
    id: ANY_STATE,
    width: textWidth([ANY_STATE], TYPE.line.width) + 24,
    height: 28,
  };
  const children = state.children.map((child) => nodeOf(child, lines));
  return {
    id,
    children:
      isRoot && state.transitions.some(({ target }) => target !== null) ? [anyState, ...children] : children,
    layoutOptions: {
      ...SPACING,
      'elk.padding': `[top=${head.height + 8},left=18,bottom=18,right=18]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${head.width},${head.height})`,
    },
  };
};

interface Arrow {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly transitions: readonly ChartTransition[];
}

const arrowsOf = (drawn: readonly ChartTransition[]): Arrow[] => {
  const arrows = new Map<string, Arrow>();
  for (const transition of drawn) {
    const source = transition.source === '' ? ANY_STATE : `state ${transition.source}`;
    const target = `state ${transition.target}`;
    const id = `${source} → ${target}`;
    const transitions = [...(arrows.get(id)?.transitions ?? []), transition];
    arrows.set(id, { id, source, target, transitions });
  }
  return [...arrows.values()];
};

const edgeOf = ({ id, source, target, transitions }: Arrow, isUpward: boolean): ElkExtendedEdge => {
  const lines = transitions.flatMap(labelLinesOf).map(textOf);
  return {
    id,
    sources: [isUpward ? target : source],
    targets: [isUpward ? source : target],
    labels: [
      {
        text: lines.join('\n'),
        width: textWidth(lines, TYPE.line.width) + 10,
        height: lines.length * (TYPE.line.height - 3) + 7,
        layoutOptions: { 'elk.edgeLabels.inline': 'true', 'elk.edgeLabels.placement': 'CENTER' },
      },
    ],
  };
};

const boxOf = ({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box> = {}): Box => ({ x, y, width, height });

const nodesBelow = (node: ElkNode): ElkNode[] =>
  (node.children ?? []).flatMap((child) => [child, ...nodesBelow(child)]);

const edgesBelow = (node: ElkNode): ElkExtendedEdge[] => [
  ...(node.edges ?? []),
  ...(node.children ?? []).flatMap(edgesBelow),
];

/**
 * Places every state and every transition. The same chart always gets the same layout.
 *
 * States come in document order from top to bottom: an arrow back up is given to ELK turned round, since its own choice
 * of which arrows go up hides where a connection begins.
 */
export const layOutChart = async (root: ChartState): Promise<ChartLayout> => {
  const states = statesOf(root);
  const words = chartWords(root);
  const order = new Map(states.map(({ id }, index) => [`state ${id}`, index]));
  const arrows = arrowsOf(words.drawn).map((arrow) => ({
    ...arrow,
    isUpward: (order.get(arrow.source) ?? -1) > (order.get(arrow.target) ?? -1),
  }));
  const graph: ElkNode = await new ElkLayout().layout({
    id: 'picture',
    layoutOptions: { ...LAYOUT, ...SPACING, 'elk.padding': '[top=0,left=0,bottom=0,right=0]' },
    children: [nodeOf(root, words.lines, true)],
    edges: arrows.map((arrow) => edgeOf(arrow, arrow.isUpward)),
  });
  const nodes = new Map(nodesBelow(graph).map((node) => [node.id, boxOf(node)]));
  const edges = new Map(edgesBelow(graph).map((edge) => [edge.id, edge]));

  return {
    width: graph.width ?? 0,
    height: graph.height ?? 0,
    anyState: nodes.get(ANY_STATE) ?? null,
    states: states.map((state) => {
      const box = boxOf(nodes.get(`state ${state.id}`));
      const lines = words.lines.get(state.id) ?? [];
      return { state, ...box, lines, words: wordsOf(state, lines, box) };
    }),
    arrows: arrows.map(({ id, isUpward, transitions }) => {
      const edge = edges.get(id);
      const points = (edge?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) => [
        startPoint,
        ...bendPoints,
        endPoint,
      ]);
      return {
        transitions,
        points: isUpward ? points.reverse() : points,
        label: boxOf(edge?.labels?.[0]),
        labelLines: transitions.flatMap(labelLinesOf),
      };
    }),
  };
};
