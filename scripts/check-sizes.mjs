/** `npm run check:sizes`: weighs what small apps import of the built package, and fails where one is over its budget. */
import { readFileSync } from 'node:fs';
import { gzipBytesOf } from '../benchmarks/size/weigh.mjs';
import { SIZE_BUDGETS } from './size-budgets.mjs';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const peers = Object.keys(manifest.peerDependencies);
const kB = (bytes) => `${(bytes / 1_000).toFixed(1)} kB`;

const results = [];
for (const { name, code, beside = '', withoutOurs = false, mostBytes, aimBytes } of SIZE_BUDGETS) {
  const external = withoutOurs ? [...peers, ...Object.keys(manifest.dependencies)] : peers;
  const besideBytes = beside === '' ? 0 : await gzipBytesOf(beside, external);
  const bytes = (await gzipBytesOf(beside + code, external)) - besideBytes;
  const isWithin = bytes <= mostBytes;
  results.push(isWithin);
  const aim = bytes <= aimBytes ? '' : `, aim ${kB(aimBytes)}`;
  console.log(`${isWithin ? 'passes' : 'FAILS '}  ${kB(bytes)} of ${kB(mostBytes)}${aim}: ${name}`);
}
process.exit(results.every(Boolean) ? 0 : 1);
