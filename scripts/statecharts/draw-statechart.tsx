import { renderToStaticMarkup } from 'react-dom/server';
import type { AnyStateMachine } from 'xstate';
import type { ChartPicture } from '../../src/inspect/picture/chart-picture.ts';
import { colourVariables, PICTURE_STYLE } from '../../src/inspect/picture/picture-style.ts';
import { StatechartPicture } from '../../src/inspect/picture/statechart-picture.tsx';
import { layOutChart } from './lay-out-chart.ts';
import { readChart } from './read-chart.ts';

const STYLE = `
svg{${colourVariables((light) => light)}
  font-family:ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
@media(prefers-color-scheme:dark){svg{${colourVariables((_light, dark) => dark)}}}
${PICTURE_STYLE}
`.trim();

/** Draws a picture as an SVG of its own: no script, no font, no request; light or dark as the reader's system is. */
export const drawPicture = (picture: ChartPicture): string => {
  const svg = renderToStaticMarkup(<StatechartPicture picture={picture} />);
  const begins = `<!-- Generated from the machine: npm run diagram. -->\n<style>${STYLE}</style>\n`;
  // One element a line, so that a change of the chart can be read in a diff.
  return `${svg.replace('>', `>\n${begins}`).replaceAll(/><(rect|g|text|path|circle|mask|\/g|\/mask|\/svg)/g, '>\n<$1')}\n`;
};

/** Draws a machine: every state and every transition, with its event, guard or delay by name. */
export const drawStatechart = async (machine: AnyStateMachine): Promise<string> =>
  drawPicture(await layOutChart(readChart(machine)));
