import { fileURLToPath } from 'node:url';
import { defineConfig } from 'tsdown';

/** One file for Node. Packages stay outside, so that the server uses the built statesocket through its exports. */
export default defineConfig({
  // Else paths would start at this file's folder.
  cwd: fileURLToPath(new URL('../..', import.meta.url)),
  entry: { cli: 'app/server/cli.ts' },
  outDir: 'app/dist/server',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  fixedExtension: false,
  deps: {
    neverBundle: [
      /^statesocket(\/|$)/,
      /^(libsql|pg|redis|kysely|hono|valibot|pino|prom-client)(\/|$)/,
      /^@hono\/node-server(\/|$)/,
    ],
  },
  tsconfig: 'tsconfig.json',
  dts: false,
  sourcemap: true,
  clean: true,
});
