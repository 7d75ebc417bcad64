import type { Point } from '../../src/inspect/picture/chart-picture.ts';

const n = (value: number): string => String(Math.round(value * 10) / 10);

/** How far before its end a line turns into the arrow's tip. */
const TIP = 7;
const CORNER = 7;

const towards = (from: Point, to: Point, distance: number): Point => {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const share = Math.min(distance, length / 2) / length;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
};
const at = ({ x, y }: Point): string => `${n(x)} ${n(y)}`;

/** The line through these points, with round corners, as the `d` of an SVG path. It ends where the tip begins. */
export const wayOf = (points: readonly Point[]): string => {
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

/** The tip at the end of a line, as the `d` of an SVG path. */
export const tipOf = (points: readonly Point[]): string => {
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
