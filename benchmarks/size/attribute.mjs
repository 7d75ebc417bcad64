/** See README.md. Which source file, and which kind of code, each byte of a plain connection's bundle comes from. */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { kindOf } from './kinds.mjs';
import { chunksOf } from './weigh.mjs';

const { values: args } = parseArgs({
  options: {
    files: { type: 'boolean', default: false },
    texts: { type: 'boolean', default: false },
    delivery: { type: 'boolean', default: false },
  },
});
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const CORE = "export { createConnection } from 'statesocket';";
const DELIVERY = "export { durableDelivery } from 'statesocket/delivery';";
const bytesOf = (text) => gzipSync(text).length;

/** `…/src/client/inbox.ts` is `src/client/inbox.ts`; XState's own file stays XState's. */
const fileOf = (source) =>
  /(?:^|\/)((?:src|machines)\/[^?]+\.tsx?)$/.exec(source)?.[1] ??
  /node_modules\/(.+)$/.exec(source)?.[1] ??
  'the bundler';

/** A bundle as pieces, each with the file that it was written in. */
const piecesOf = ({ code, map }) => {
  const reader = new SourceMap(map);
  const pieces = [];
  for (const [line, text] of code.split('\n').entries()) {
    const starts = new Set([0]);
    for (let column = 0; column < text.length; column += 1) {
      const { generatedLine, generatedColumn } = reader.findEntry(line, column);
      if (generatedLine === line && generatedColumn === column) starts.add(column);
    }
    const columns = [...starts, text.length];
    for (let at = 0; at + 1 < columns.length; at += 1) {
      const { originalSource } = reader.findEntry(line, columns[at]);
      pieces.push({ file: fileOf(originalSource ?? ''), text: text.slice(columns[at], columns[at + 1]) });
    }
  }
  return pieces;
};

/** A string that somebody reads: several words. */
const isSentence = (text) => /\w+ \w+ \w+/.test(text) && /["'`]/.test(text);

const chunks = await chunksOf(args.delivery ? CORE + DELIVERY : CORE, Object.keys(manifest.peerDependencies));
const pieces = chunks.flatMap(piecesOf);
const whole = pieces.map(({ text }) => text).join('');
const wholeBytes = bytesOf(whole);

/** What gzip saves where a group's pieces are left out, which is less than they weigh alone: shares are scaled to the whole. */
const sharesOf = (groupOf) => {
  const groups = new Map();
  for (const piece of pieces) {
    const name = groupOf(piece);
    groups.set(name, (groups.get(name) ?? 0) + piece.text.length);
  }
  const rows = [...groups].map(([name, minifiedBytes]) => {
    const rest = pieces.filter((piece) => groupOf(piece) !== name).map(({ text }) => text);
    return { name, minifiedBytes, savedBytes: wholeBytes - bytesOf(rest.join('')) };
  });
  const sum = rows.reduce((total, { savedBytes }) => total + savedBytes, 0);
  return rows
    .map((row) => ({ ...row, bytes: (row.savedBytes / sum) * wholeBytes }))
    .sort((a, b) => b.bytes - a.bytes);
};

const print = (title, rows) => {
  console.log(`\n| ${title} | kB minified | kB gzip |\n|---|---|---|`);
  const kB = (bytes) => (bytes / 1_000).toFixed(2);
  for (const { name, minifiedBytes, bytes } of rows)
    console.log(`| ${name} | ${kB(minifiedBytes)} | ${kB(bytes)} |`);
};

console.log(`${(wholeBytes / 1_000).toFixed(1)} kB gzip, ${(whole.length / 1_000).toFixed(1)} kB minified`);
print(
  'part',
  sharesOf(({ file }) => kindOf(file)),
);
print(
  'sentences',
  sharesOf(({ file, text }) =>
    file.startsWith('xstate') ? 'XState' : isSentence(text) ? 'sentences' : 'code',
  ),
);
if (args.files)
  print(
    'file',
    sharesOf(({ file }) => file),
  );
if (args.texts)
  for (const { file, text } of pieces)
    if (isSentence(text) && !file.startsWith('xstate')) console.log(`${file}: ${text}`);
