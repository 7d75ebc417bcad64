import type { ChartPicture } from '../../src/inspect/picture/chart-picture.ts';

const list = (items: readonly unknown[]): string =>
  `[\n${items.map((item) => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`;

/** A picture as JSON, one state and one arrow a line, so that a change of the chart can be read in a diff. */
export const writePicture = ({ states, arrows, ...rest }: ChartPicture): string => {
  const fields = Object.entries(rest).map(([name, value]) => `  "${name}": ${JSON.stringify(value)}`);
  return `{\n${[...fields, `  "states": ${list(states)}`, `  "arrows": ${list(arrows)}`].join(',\n')}\n}\n`;
};
