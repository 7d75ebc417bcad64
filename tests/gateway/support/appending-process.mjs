// Appends for ever to the file of its first argument and reports each id once append has resolved. Killed by its test.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const source = fileURLToPath(new URL('../../../src/gateway/engine/sqlite-engine.ts', import.meta.url));
const { module } = await runnerImport(source, { configFile: false, logLevel: 'error' });
const engine = module.sqliteEngine({ file: process.argv[2] });
for (let n = 0; ; n += 1) {
  const [id] = await engine.append('anna', [JSON.stringify({ type: 'NEW_MESSAGE', n })]);
  await new Promise((resolve) => process.send(id, resolve));
}
