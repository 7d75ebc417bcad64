// Uses a sqlite engine on the file of its first argument, as the second one says, and says so. It must end by itself.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const [, , file, mode] = process.argv;
const source = fileURLToPath(new URL('../../../src/gateway/engine/sqlite-engine.ts', import.meta.url));
const { module } = await runnerImport(source, { configFile: false, logLevel: 'error' });
const engine = module.sqliteEngine({ file });
if (mode === 'waiting') {
  // For long enough that nothing else keeps this process alive any more, and by a timer that does not either.
  const other = new (createRequire(import.meta.url)('libsql'))(file);
  other.exec('BEGIN IMMEDIATE');
  setTimeout(() => other.exec('ROLLBACK'), 3_000).unref();
}
if (mode !== 'unused') {
  const [id] = await engine.append('anna', [JSON.stringify({ type: 'NEW_MESSAGE' })]);
  console.log(`appended ${id}`);
}
if (mode === 'closed') {
  const last = engine.append('anna', [JSON.stringify({ type: 'NEW_MESSAGE' })]);
  await engine.close();
  console.log(`closed after ${await last}`);
}
