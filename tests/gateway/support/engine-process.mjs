// Uses a sqlite engine on the file of its first argument, as the second one says, and says so. It must end by itself.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const [, , file, mode] = process.argv;
const source = fileURLToPath(new URL('../../../src/gateway/engine/sqlite-engine.ts', import.meta.url));
const { module } = await runnerImport(source, { configFile: false, logLevel: 'error' });
const engine = module.sqliteEngine({ file });
if (mode !== 'unused') {
  const [id] = await engine.append('anna', [JSON.stringify({ type: 'NEW_MESSAGE' })]);
  console.log(`appended ${id}`);
}
if (mode === 'closed') {
  const last = engine.append('anna', [JSON.stringify({ type: 'NEW_MESSAGE' })]);
  await engine.close();
  console.log(`closed after ${await last}`);
}
