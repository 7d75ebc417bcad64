// Appends for ever to the file of its first argument and reports each id once append has resolved: to its parent, which kills
// it, or with the second argument `stdout` there, until an append fails.
import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

// A file that may not grow any more: the write fails, instead of the process.
process.on('SIGXFSZ', () => {});
const [, , file, out] = process.argv;
const tell = (line) =>
  out === 'stdout' ? writeSync(1, `${line}\n`) : new Promise((resolve) => process.send(line, resolve));
const source = fileURLToPath(new URL('../../../src/gateway/engine/sqlite-engine.ts', import.meta.url));
const { module } = await runnerImport(source, { configFile: false, logLevel: 'error' });
const engine = module.sqliteEngine({ file });
try {
  for (let n = 0; ; n += 1) {
    const [id] = await engine.append('anna', [JSON.stringify({ type: 'NEW_MESSAGE', n })]);
    await tell(id);
  }
} catch (error) {
  await tell(`${error.code} ${error.message} ${error.cause?.code}`);
}
await engine.close();
