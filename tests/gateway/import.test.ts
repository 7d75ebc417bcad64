import { createRequire } from 'node:module';
import { expect, it } from 'vitest';

it('importing the gateway starts nothing and loads no native code', async () => {
  const resources = process.getActiveResourcesInfo().length;
  await import('../../src/gateway/index.ts');
  expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(resources);
  const loaded = Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('libsql'));
  expect(loaded).toEqual([]);
});
