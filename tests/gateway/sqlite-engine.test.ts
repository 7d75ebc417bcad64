import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EMPTY_POSITION, sqliteEngine } from '../../src/gateway/index.ts';
import { describeEngine } from '../contract/engine.contract.ts';

let folder = '';
const text = (n: number) => JSON.stringify({ type: 'NEW_MESSAGE', n });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statesocket-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

let fileCount = 0;
describeEngine('sqlite', (options) => {
  fileCount += 1;
  return sqliteEngine({ file: join(folder, `inbox-${fileCount}.db`), ...options });
});

describe('the sqlite engine on its disk', () => {
  it('goes on with the same chain after it was closed and opened again', async () => {
    const file = join(folder, 'inbox.db');
    const before = sqliteEngine({ file });
    const [first] = await before.append('anna', [text(1)]);
    await before.close();
    const after = sqliteEngine({ file });
    const [second] = await after.append('anna', [text(2)]);
    expect(await after.readAfter('anna', EMPTY_POSITION, 10)).toEqual([
      { id: first, prev: EMPTY_POSITION, text: text(1) },
      { id: second, prev: first, text: text(2) },
    ]);
    await after.close();
  });

  it('keeps whatever append resolved before the process was killed with SIGKILL', async () => {
    const file = join(folder, 'inbox.db');
    const child = fork(new URL('./support/appending-process.mjs', import.meta.url), [file], {
      stdio: 'inherit',
    });
    const resolved: string[] = [];
    child.on('message', (id) => resolved.push(String(id)));
    while (resolved.length < 50) await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const engine = sqliteEngine({ file });
    const kept = (await engine.readAfter('anna', EMPTY_POSITION, 1_000_000))?.map((entry) => entry.id);
    expect(kept?.slice(0, resolved.length)).toEqual(resolved);
    await engine.close();
  });

  it('appends all messages of one append or none', async () => {
    const engine = sqliteEngine({ file: join(folder, 'inbox.db') });
    const unstorable = Symbol('no text') as unknown as string;
    await expect(engine.append('anna', [text(1), unstorable])).rejects.toThrow();
    expect(await engine.last('anna')).toBe(EMPTY_POSITION);
    const [id] = await engine.append('anna', [text(2)]);
    expect(await engine.readAfter('anna', EMPTY_POSITION, 10)).toEqual([
      { id, prev: EMPTY_POSITION, text: text(2) },
    ]);
    await engine.close();
  });

  it('says engine-failed when the file cannot be opened', () => {
    expect(() => sqliteEngine({ file: join(folder, 'no', 'such', 'folder.db') })).toThrowError(
      expect.objectContaining({ code: 'engine-failed' }),
    );
  });

  it('refuses a retention that keeps nothing', () => {
    const file = join(folder, 'inbox.db');
    expect(() => sqliteEngine({ file, retention: { maxCount: 0 } })).toThrowError(
      expect.objectContaining({ code: 'bad-option' }),
    );
  });
});
