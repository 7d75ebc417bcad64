import { colourVariables, PICTURE_STYLE } from '../picture/picture-style.ts';

/** The name of the class around everything: no rule here reaches out of it. */
export const ROOT_CLASS = 'statesocket-inspector';

const OWN_COLOURS: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  ground: ['#ffffff', '#0d1015'],
  sunken: ['#f3f5f8', '#191e27'],
  accent: ['#c2410c', '#ff9f5a'],
  focus: ['#1d4ed8', '#8ab4ff'],
  control: ['#6b7488', '#8a94a8'],
};

const pair = (light: string, dark: string): string => `light-dark(${light},${dark})`;

const variables = `${colourVariables(pair)}${Object.entries(OWN_COLOURS)
  .map(([name, colours]) => `--${name}:${pair(...colours)};`)
  .join('')}`;

/**
 * The style of the inspector. It uses nesting and `light-dark()`: browsers since May 2024. It has none of the characters that HTML
 * escapes (quotes, `<`, `>`, `&`): React 18 escapes them in a server's `<style>` too, where a browser reads them as they are.
 */
export const INSPECTOR_STYLE = `
.${ROOT_CLASS}{${variables}
  --mono:ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace;
  container-type:inline-size;box-sizing:border-box;min-width:0;background:var(--ground);color:var(--ink);
  font:14px/1.45 ui-sans-serif,system-ui,-apple-system,Segoe UI,Roboto,DejaVu Sans,sans-serif;text-align:start;
*{box-sizing:border-box}
h3{margin:0 0 6px;font-family:inherit;font-size:12px;font-weight:650;letter-spacing:.04em;text-transform:uppercase;color:var(--soft)}
p,ul,ol,dl,dd,fieldset{min-width:0;margin:0;padding:0;border:0}
ol,ul{list-style:none}
code,.mono{font-family:var(--mono);font-size:12.5px;overflow-wrap:anywhere}
.soft{color:var(--soft)}
button,select,textarea,.file{min-height:32px;padding:4px 10px;border:1px solid var(--control);border-radius:7px;background:var(--ground);
  color:var(--ink);font:inherit;font-size:13px;cursor:pointer}
button:hover:not([aria-disabled=true]),.file:hover{background:var(--sunken)}
button[aria-disabled=true]{border-color:var(--line);color:var(--soft);cursor:default}
button[aria-pressed=true]{border-color:var(--ink);background:var(--sunken);font-weight:600}
:focus-visible,.file:focus-within{outline:2px solid var(--focus);outline-offset:2px}
textarea{width:100%;min-height:72px;font-family:var(--mono);cursor:text}
.head{display:grid;gap:8px;padding:12px 14px;border-bottom:1px solid var(--line)}
.where{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 12px}
.pill{padding:2px 10px;border:1.5px solid var(--status-line);border-radius:99px;background:var(--status);font-weight:650}
.pill i{display:inline-block;width:8px;height:8px;margin-right:7px;border-radius:9px;background:var(--status-line)}
.row{display:flex;flex-wrap:wrap;align-items:center;gap:6px}
.with-code{flex-wrap:nowrap;min-width:0}
.with-code select{flex:0 1 17em;min-width:0}
.row h3{margin:0}
.row input[type=range]{flex:1 1 120px;min-width:80px;accent-color:var(--focus)}
.row input[type=file]{position:absolute;width:1px;height:1px;opacity:0}
.file{position:relative;display:inline-flex;align-items:center}
.body{display:grid;gap:14px;padding:12px 14px}
.side{display:grid;min-width:0;align-content:start;gap:16px}
.charts{display:grid;align-content:start;gap:8px}
.view{max-height:min(62vh,560px);overflow:auto;border:1px solid var(--line);border-radius:12px;background:var(--card);overscroll-behavior:contain}
.view svg{display:block}
.view[data-fit=true] svg{width:100%;height:auto}
dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 12px}
dt{color:var(--soft)}
dd{font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.delay{display:grid;grid-template-columns:1fr max-content;gap:2px 10px}
.delay progress{grid-column:1/-1;width:100%;height:5px;accent-color:var(--backoff-line)}
.delay .left{font-variant-numeric:tabular-nums}
.steps{display:grid;gap:2px;max-height:440px;overflow:auto}
.steps button{display:grid;grid-template-columns:5.4em 1fr;gap:0 8px;width:100%;border-color:transparent;text-align:start}
.steps button[aria-current=true]{border-color:var(--focus);background:var(--sunken)}
.steps .at{color:var(--soft);font-variant-numeric:tabular-nums;text-align:end}
.steps .to{font-weight:600}
.steps .more{grid-column:2;color:var(--soft);font-size:12.5px}
.entries{display:grid;gap:4px}
.entries li{display:flex;flex-wrap:wrap;gap:0 10px;align-items:baseline}
.fault{color:var(--failed-line);font-weight:600}
${PICTURE_STYLE}
rect.lit{stroke:var(--accent);stroke-width:3;fill-opacity:1}
rect.inside.lit{fill-opacity:.55}
g.lit .way{stroke:var(--accent);stroke-width:2.6}
g.lit .tip{fill:var(--accent)}
g.lit{stroke:none}
text.lit,tspan.lit{fill:var(--accent);font-weight:700;stroke:none}
tspan.lit .if,text.lit .to{fill:var(--accent)}
}
@container (min-width:880px){.${ROOT_CLASS} .body{grid-template-columns:minmax(0,1fr) minmax(300px,380px)}.${ROOT_CLASS} .view{max-height:72vh}}
`.trim();
