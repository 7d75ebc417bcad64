import type { AnyStateMachine } from 'xstate';
import { CONNECTION_STATUSES } from '../../machines/index.ts';
import {
  type Box,
  type ChartLayout,
  layOutChart,
  PADDING,
  type PlacedArrow,
  type PlacedState,
  type Point,
  TYPE,
} from './lay-out-chart.ts';
import { type ChartTransition, labelOf, readChart } from './read-chart.ts';

/** Fill and stroke of each public status: in light, in dark. */
const PALETTE = {
  idle: ['#eef1f6', '#8794aa', '#222936', '#76839b'],
  connecting: ['#e8f1ff', '#4f86ec', '#16294a', '#5f93f2'],
  open: ['#e4f6eb', '#2f9e60', '#133322', '#45b87a'],
  backoff: ['#fff4de', '#cf8d1c', '#362a12', '#dba848'],
  loggedOut: ['#f2edfa', '#8b6fc0', '#2a2240', '#a78fd8'],
  failed: ['#fdeaea', '#d2504c', '#3f1c1e', '#e37a76'],
} as const satisfies Record<(typeof CONNECTION_STATUSES)[number], readonly string[]>;

const statusVariables = (fill: 0 | 2): string =>
  CONNECTION_STATUSES.map(
    (status) => `--${status}:${PALETTE[status][fill]};--${status}-line:${PALETTE[status][fill + 1]};`,
  ).join('');

const STYLE = `
svg{--card:#fcfcfd;--line:#d5d9e2;--ink:#1d2330;--soft:#5a6274;--way:#7d8698;${statusVariables(0)}
  font-family:ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
@media(prefers-color-scheme:dark){svg{--card:#12151b;--line:#323947;--ink:#e8ebf1;--soft:#a3acbb;--way:#78829a;${statusVariables(2)}}}
.card{fill:var(--card);stroke:var(--line)}
.group{fill:none;stroke:var(--way);stroke-opacity:.7;stroke-width:1.5}
.parallel{stroke-dasharray:6 4}
.name{font-size:${TYPE.name.size}px;font-weight:600;fill:var(--ink)}
.line,.label{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:${TYPE.line.size}px}
.line,.legend{fill:var(--soft)}
.legend{font-size:12px}
.label{fill:var(--ink);text-anchor:middle}
.label .if{fill:var(--soft)}
.line .to{fill:var(--ink);font-weight:600}
.any{fill:var(--card);stroke:var(--way);stroke-width:1.4;stroke-dasharray:3 3}
.way{fill:none;stroke:var(--way);stroke-width:1.4}
.tip{fill:var(--way)}
.start{fill:var(--ink)}
${CONNECTION_STATUSES.map((status) => `.${status}{fill:var(--${status});stroke:var(--${status}-line);stroke-width:1.5}`).join('\n')}
.inside{fill-opacity:.38}
`.trim();

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const text = (raw: string): string => raw.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
const n = (value: number): string => String(Math.round(value * 10) / 10);
const title = (raw: string | null): string => (raw === null ? '' : `<title>${text(raw)}</title>`);

/** How far before its end a line turns into the arrow's tip. */
const TIP = 7;
const CORNER = 7;

const towards = (from: Point, to: Point, distance: number): Point => {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const share = Math.min(distance, length / 2) / length;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
};
const at = ({ x, y }: Point): string => `${n(x)} ${n(y)}`;

const wayOf = (points: readonly Point[]): string => {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const steps = rest.map((point, index) => {
    const before = points[index];
    const after = rest[index + 1];
    if (before === undefined) return '';
    if (after === undefined) return `L${at(towards(point, before, TIP - 1))}`;
    return `L${at(towards(point, before, CORNER))}Q${at(point)} ${at(towards(point, after, CORNER))}`;
  });
  return `M${at(first)}${steps.join('')}`;
};

const tipOf = (points: readonly Point[]): string => {
  const end = points.at(-1);
  const before = points.at(-2);
  if (end === undefined || before === undefined) return '';
  const length = Math.hypot(end.x - before.x, end.y - before.y) || 1;
  const x = (end.x - before.x) / length;
  const y = (end.y - before.y) / length;
  const wing = (side: number): Point => ({
    x: end.x - x * TIP - y * side * 3.6,
    y: end.y - y * TIP + x * side * 3.6,
  });
  return `M${at(end)}L${at(wing(1))}L${at(wing(-1))}Z`;
};

const storyOf = ({ source, target, actions, description, ...label }: ChartTransition): string => {
  const does = actions.length > 0 ? ` / ${actions.join(', ')}` : '';
  const story = `${source || 'any state'} → ${target}: ${labelOf(label)}${does}`;
  return description === null ? story : `${story}\n${description}`;
};

const drawArrow = ({ transitions, points }: PlacedArrow): string =>
  `<g>${title(transitions.map(storyOf).join('\n'))}<path class="way" d="${wayOf(points)}"/><path class="tip" d="${tipOf(points)}"/></g>`;

const drawLabel = ({ label, labelLines }: PlacedArrow): string => {
  const middle = n(label.x + label.width / 2);
  const spans = labelLines.map(({ event, condition }, index) => {
    const y = n(label.y + 15 + index * (TYPE.line.height - 3));
    const when =
      condition === '' ? '' : `<tspan class="if">${text(`${event === '' ? '' : ' '}${condition}`)}</tspan>`;
    return `<tspan x="${middle}" y="${y}">${text(event)}${when}</tspan>`;
  });
  return `<text class="label">${spans.join('')}</text>`;
};

const drawAnyState = (box: Box): string =>
  `<rect class="any" x="${n(box.x)}" y="${n(box.y)}" width="${n(box.width)}" height="${n(box.height)}" rx="14"/><text class="label" x="${n(box.x + box.width / 2)}" y="${n(box.y + 18)}">any state</text>`;

const drawBox = ({ state, x, y, width, height }: PlacedState): string => {
  const isGroup = state.children.length > 0;
  const kind = state.id === '' ? 'card' : (state.status ?? 'group');
  const classes = [
    kind,
    isGroup && state.status !== null ? 'inside' : '',
    state.isParallel ? 'parallel' : '',
  ];
  return `<rect class="${classes.filter(Boolean).join(' ')}" x="${n(x + 0.75)}" y="${n(y + 0.75)}" width="${n(width - 1.5)}" height="${n(height - 1.5)}" rx="${state.id === '' ? 16 : 10}">${title(state.description)}</rect>`;
};

const drawLine = (line: string): string => {
  const [label = '', target] = line.split(' → ');
  return target === undefined ? text(label) : `${text(label)} → <tspan class="to">${text(target)}</tspan>`;
};

const drawHead = ({ state, lines, x, y }: PlacedState): string => {
  const left = x + PADDING.x;
  const top = y + PADDING.y;
  const start = state.isInitial
    ? `<circle class="start" cx="${n(left + 4)}" cy="${n(top + 11)}" r="4"><title>initial state</title></circle>`
    : '';
  const name = `<text class="name" x="${n(left + (state.isInitial ? 16 : 0))}" y="${n(top + 16)}">${text(state.name)}</text>`;
  const below = lines.map(
    (line, index) =>
      `<text class="line" x="${n(left)}" y="${n(top + TYPE.name.height + 12 + index * TYPE.line.height)}">${drawLine(line)}</text>`,
  );
  return [start, name, ...below].join('');
};

/** Hides the lines where something is written, so that none runs through a word. */
const drawGaps = ({ width, height, states, arrows }: ChartLayout): string => {
  const gap = (box: Box): string =>
    `<rect x="${n(box.x)}" y="${n(box.y)}" width="${n(box.width)}" height="${n(box.height)}"/>`;
  const written = [...states.flatMap(({ words }) => words), ...arrows.map(({ label }) => label)];
  return `<mask id="gaps" maskUnits="userSpaceOnUse"><rect width="${n(width)}" height="${n(height)}" fill="#fff"/>${written.map(gap).join('')}</mask>`;
};

const drawLegend = (right: number): string => {
  let x = right - 16;
  const parts: string[] = [];
  for (const status of [...CONNECTION_STATUSES].reverse()) {
    x -= Math.ceil(status.length * 6.9);
    parts.unshift(
      `<rect class="${status}" x="${n(x - 17)}" y="15" width="11" height="11" rx="3"/><text class="legend" x="${n(x)}" y="25">${status}</text>`,
    );
    x -= 30;
  }
  return parts.join('');
};

/** Draws a layout as an SVG of its own: no script, no font, no request; light or dark as the reader's system is. */
export const drawLayout = (layout: ChartLayout): string => {
  const { width, height, states, arrows, anyState } = layout;
  const [root] = states;
  const about = `${root?.state.name}: ${root?.state.description ?? ''}`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${n(width)} ${n(height)}" width="${n(width)}" height="${n(height)}" role="img" aria-label="${text(about)}">`,
    '<!-- Generated from the machine: npm run diagram. -->',
    `<style>${STYLE}</style>`,
    ...states.map(drawBox),
    drawGaps(layout),
    '<g mask="url(#gaps)">',
    ...arrows.map(drawArrow),
    '</g>',
    ...states.map(drawHead),
    anyState === null ? '' : drawAnyState(anyState),
    ...arrows.map(drawLabel),
    drawLegend(width),
    '</svg>',
  ].join('\n')}\n`;
};

/** Draws a machine: every state and every transition, with its event, guard or delay by name. */
export const drawStatechart = async (machine: AnyStateMachine): Promise<string> =>
  drawLayout(await layOutChart(readChart(machine)));
