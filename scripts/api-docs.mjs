/**
 * `npm run docs:api`: the reference of every public entry, as HTML in reports/api, which is not committed. Fails on a warning: a link
 * that leads nowhere, or a type that is used and not exported.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Application, LogLevel } from 'typedoc';

const root = fileURLToPath(new URL('..', import.meta.url));
// The sources of the public entries: tests/house/exports.test.ts compares them with package.json's `exports`.
const { paths } = JSON.parse(
  await readFile(new URL('../tsconfig.json', import.meta.url), 'utf8'),
).compilerOptions;

/** Parts of a type that is exported, which nobody writes down by themselves. */
const PARTS = [
  'Delivery',
  'DeliveryParts',
  'Handler',
  'InspectionMessageBase',
  'Maybe',
  'RecordedMachines',
  'SentryEvent',
  'SIGNALS',
  'UpgradeListener',
  'UseReduxBridge',
];

const app = await Application.bootstrap({
  entryPoints: Object.values(paths).map(([source]) => `${root}${source}`),
  tsconfig: `${root}tsconfig.json`,
  basePath: root,
  name: 'statesocket',
  out: `${root}reports/api`,
  readme: 'none',
  intentionallyNotExported: PARTS,
  excludeInternal: true,
  disableSources: true,
  // The compiler checks the types: `npm run check`.
  skipErrorChecking: true,
  logLevel: LogLevel.Warn,
  validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true },
});
const project = await app.convert();
if (project === undefined) process.exit(1);
app.validate(project);
await app.generateOutputs(project);
const { errorCount, warningCount } = app.logger;
console.log(
  `reports/api: ${Object.keys(paths).length} entries, ${errorCount} errors, ${warningCount} warnings.`,
);
process.exit(errorCount + warningCount > 0 ? 1 : 0);
