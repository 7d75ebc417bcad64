/** Bundles the thread of the sqlite engine, which is started from text. */
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @returns {Promise<string>} What belongs into src/gateway/engine/sqlite-thread.json: the lines of a CommonJS script. */
export const buildSqliteThread = async () => {
  const result = await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: true,
      write: false,
      minify: false,
      target: 'node20',
      rollupOptions: { input: 'src/gateway/engine/thread/main.ts', output: { format: 'cjs' } },
    },
  });
  const [chunk] = 'output' in result ? result.output : [];
  if (chunk?.type !== 'chunk') throw new Error('The thread of the sqlite engine was not built.');
  const lines = chunk.code.split('\n').filter((line) => !/^\s*\/\/#/.test(line));
  return `${JSON.stringify(lines, null, 1)}\n`;
};
