import { expect, it } from 'vitest';
import { buildSqliteThread } from '../../scripts/build-sqlite-thread.mjs';

// `npm run build:thread` runs this with -u.
it('the text that the sqlite engine starts as its thread is what src/gateway/engine/thread/ builds', async () => {
  await expect(await buildSqliteThread()).toMatchFileSnapshot('../../src/gateway/engine/sqlite-thread.json');
}, 300_000);
