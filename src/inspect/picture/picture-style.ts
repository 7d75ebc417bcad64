import { CONNECTION_STATUSES, type ConnectionStatus } from '../../../machines/index.ts';
import { TYPE } from './chart-picture.ts';

/** The colours of a picture, in light and in dark, by the names of their variables. */
export const PICTURE_COLOURS: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  card: ['#fcfcfd', '#12151b'],
  line: ['#d5d9e2', '#323947'],
  ink: ['#1d2330', '#e8ebf1'],
  soft: ['#5a6274', '#a3acbb'],
  way: ['#7d8698', '#78829a'],
};

/** Fill and line of each public status, in light and in dark. */
export const STATUS_COLOURS: Readonly<
  Record<ConnectionStatus, Readonly<Record<'fill' | 'line', readonly [light: string, dark: string]>>>
> = {
  idle: { fill: ['#eef1f6', '#222936'], line: ['#8794aa', '#76839b'] },
  connecting: { fill: ['#e8f1ff', '#16294a'], line: ['#4f86ec', '#5f93f2'] },
  open: { fill: ['#e4f6eb', '#133322'], line: ['#2f9e60', '#45b87a'] },
  backoff: { fill: ['#fff4de', '#362a12'], line: ['#cf8d1c', '#dba848'] },
  loggedOut: { fill: ['#f2edfa', '#2a2240'], line: ['#8b6fc0', '#a78fd8'] },
  failed: { fill: ['#fdeaea', '#3f1c1e'], line: ['#d2504c', '#e37a76'] },
};

/** All colours as CSS variables; `say` writes a pair of them. */
export const colourVariables = (say: (light: string, dark: string) => string): string =>
  [
    ...Object.entries(PICTURE_COLOURS).map(([name, pair]) => `--${name}:${say(...pair)};`),
    ...CONNECTION_STATUSES.map(
      (status) =>
        `--${status}:${say(...STATUS_COLOURS[status].fill)};--${status}-line:${say(...STATUS_COLOURS[status].line)};`,
    ),
  ].join('');

const statusRule = (status: ConnectionStatus): string =>
  `.${status}{fill:var(--${status});stroke:var(--${status}-line);stroke-width:1.5}`;

/** How a picture is drawn, given the colours. */
export const PICTURE_STYLE = `
.card{fill:var(--card);stroke:var(--line)}
.group{fill:none;stroke:var(--way);stroke-opacity:.7;stroke-width:1.5}
.parallel{stroke-dasharray:6 4}
.name{font-size:${TYPE.name.size}px;font-weight:600;fill:var(--ink)}
.line,.label{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace;font-size:${TYPE.line.size}px}
.line,.legend{fill:var(--soft)}
.legend{font-size:12px}
.label{fill:var(--ink);text-anchor:middle}
.label .if{fill:var(--soft)}
.line .to{fill:var(--ink);font-weight:600}
.any{fill:var(--card);stroke:var(--way);stroke-width:1.4;stroke-dasharray:3 3}
.way{fill:none;stroke:var(--way);stroke-width:1.4}
.tip{fill:var(--way)}
.start{fill:var(--ink)}
${CONNECTION_STATUSES.map(statusRule).join('\n')}
.inside{fill-opacity:.38}
`.trim();
