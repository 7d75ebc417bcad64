import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Builds RednGift against the built package: `statesocket` is resolved by its own name through package.json's
 * `exports`, as a user's bundler does it. So run `npm run build` first.
 *
 * - `vite build app/web` writes to app/dist/web.
 * - `OUT_DIR=… vite build app/web --mode development` writes React's development build elsewhere, in which StrictMode
 *   runs every effect twice.
 * - `vite app/web` serves the sources; the API and the socket go to `npm start` on port 3000.
 */
export default defineConfig(({ mode }) => ({
  root: here('.'),
  plugins: [react()],
  // Vite bundles React's production build whatever the mode, unless it is told.
  define: { 'process.env.NODE_ENV': JSON.stringify(mode) },
  build: {
    outDir: process.env.OUT_DIR ?? here('../dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    minify: mode !== 'development',
    sourcemap: true,
  },
  server: {
    proxy: {
      '/api': { target: 'http://localhost:3000', changeOrigin: true },
      // The gateway lets in pages of its own host only, so the Origin is rewritten along with the host.
      '/connect': { target: 'http://localhost:3000', ws: true, changeOrigin: true, rewriteWsOrigin: true },
    },
  },
}));
