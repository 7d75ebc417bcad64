import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { sqliteEngineOn } from '../../src/gateway/engine/sqlite-engine.ts';
import { describeEngine } from '../contract/engine.contract.ts';
import { inProcessThread } from './support/in-process-thread.ts';

let folder = '';
let fileCount = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statesocket-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

// A file of its own: `npm run mutation` leaves out those that need the thread.
describeEngine('sqlite, without its thread,', (options) => {
  fileCount += 1;
  return sqliteEngineOn({ file: join(folder, `inbox-${fileCount}.db`), ...options }, inProcessThread);
});
