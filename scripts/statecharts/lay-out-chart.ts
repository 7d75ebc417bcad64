import ElkLayout, { type ElkExtendedEdge, type ElkNode, type LayoutOptions } from 'elkjs/lib/elk.bundled.js';
import {
  type Box,
  type ChartPicture,
  nameWidthOf,
  PADDING,
  type PictureLabelLine,
  type PictureLine,
  type Point,
  TYPE,
  widthOf,
} from '../../src/inspect/picture/chart-picture.ts';
import { chartWords, labelLinesOf, type StateLine, textOf } from './chart-words.ts';
import { tipOf, wayOf } from './draw-way.ts';
import { type ChartState, type ChartTransition, labelOf, statesOf } from './read-chart.ts';

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

const textWidth = (lines: readonly string[]): number =>
  Math.max(0, ...lines.map((line) => widthOf(line, TYPE.line)));

type Lines = ReadonlyMap<string, readonly StateLine[]>;

const headOf = (state: ChartState, lines: readonly StateLine[]) => ({
  width: Math.max(nameWidthOf(state), textWidth(lines.map(({ text }) => text))) + PADDING.x * 2,
  height: PADDING.y * 2 + TYPE.name.height + lines.length * TYPE.line.height,
});

const nodeOf = (state: ChartState, lines: Lines, isRoot = false): ElkNode => {
  const head = headOf(state, lines.get(state.id) ?? []);
  const id = `state ${state.id}`;
  if (state.children.length === 0) return { id, ...head };
  const anyState: ElkNode = {
    id: ANY_STATE,
    width: textWidth([ANY_STATE]) + 24,
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
        width: textWidth(lines) + 10,
        height: lines.length * TYPE.label.height + 7,
        layoutOptions: { 'elk.edgeLabels.inline': 'true', 'elk.edgeLabels.placement': 'CENTER' },
      },
    ],
  };
};

/** A tenth of a unit is less than is seen. */
const round = (value: number): number => Math.round(value * 10) / 10;

const boxOf = ({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box> = {}): Box => ({
  x: round(x),
  y: round(y),
  width: round(width),
  height: round(height),
});

const nodesBelow = (node: ElkNode): ElkNode[] =>
  (node.children ?? []).flatMap((child) => [child, ...nodesBelow(child)]);

const edgesBelow = (node: ElkNode): ElkExtendedEdge[] => [
  ...(node.edges ?? []),
  ...(node.children ?? []).flatMap(edgesBelow),
];

const lineOf = ({ text, transition }: StateLine): PictureLine => ({
  text,
  to: transition?.target ?? null,
  transition: transition?.name ?? null,
});

const labelLines = (transition: ChartTransition): PictureLabelLine[] =>
  labelLinesOf(transition).map((line) => ({ ...line, transition: transition.name }));

const storyOf = ({ source, target, actions, description, ...label }: ChartTransition): string => {
  const does = actions.length > 0 ? ` / ${actions.join(', ')}` : '';
  const story = `${source || ANY_STATE} → ${target}: ${labelOf(label)}${does}`;
  return description === null ? story : `${story}\n${description}`;
};

/**
 * Places every state and every transition. The same chart always gets the same picture.
 *
 * States come in document order from top to bottom: an arrow back up is given to ELK turned round, since its own choice
 * of which arrows go up hides where a connection begins.
 */
export const layOutChart = async (root: ChartState): Promise<ChartPicture> => {
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
    name: root.name,
    about: root.description ?? '',
    width: graph.width ?? 0,
    height: graph.height ?? 0,
    anyState: nodes.get(ANY_STATE) ?? null,
    states: states.map(({ id, name, description, status, isInitial, isParallel, children }) => ({
      id,
      name,
      about: description,
      status,
      isGroup: children.length > 0,
      isInitial,
      isParallel,
      ...boxOf(nodes.get(`state ${id}`)),
      lines: (words.lines.get(id) ?? []).map(lineOf),
    })),
    arrows: arrows.map(({ id, isUpward, transitions }) => {
      const edge = edges.get(id);
      const along = (edge?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) => [
        startPoint,
        ...bendPoints,
        endPoint,
      ]);
      const points: readonly Point[] = isUpward ? along.reverse() : along;
      return {
        transitions: transitions.map(({ name }) => name),
        about: transitions.map(storyOf).join('\n'),
        way: wayOf(points),
        tip: tipOf(points),
        label: boxOf(edge?.labels?.[0]),
        lines: transitions.flatMap(labelLines),
      };
    }),
  };
};
