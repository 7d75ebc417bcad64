import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { sqliteEngine } from '../../src/gateway/index.ts';
import { type Client, type Harness, startGateway } from '../gateway/support/gateway-harness.ts';
import { command } from '../gateway/support/hub-harness.ts';
import { watchLoop } from './support/loop-watch.ts';

/** Waits longer than a busy machine takes. */
const soon = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 25_000, interval: 5 });

const startOnFile = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'statesocket-locked-'));
  const file = join(folder, 'inbox.db');
  const engine = sqliteEngine({ file });
  onTestFinished(async () => {
    await engine.close();
    rmSync(folder, { recursive: true });
  });
  const harness = await startGateway({
    engine,
    handle: (given, { publish }) => {
      if (given.kind === 'message') publish(['bert'], { ...given.message, type: 'NEW_MESSAGE' });
    },
  });
  return { harness, file };
};

/** A program of the operator's that writes to the same file. */
const lock = (file: string) => {
  const other = new Database(file);
  other.exec('BEGIN IMMEDIATE');
  return {
    release() {
      other.exec('ROLLBACK');
      other.close();
    },
  };
};

const resumed = async ({ dial }: Harness, userId: string): Promise<Client> => {
  const client = dial(userId);
  await new Promise((resolve) => client.ws.once('open', resolve));
  client.send({ type: 'RESUME', after: null });
  await soon(() => expect(client.of('PRESENCE')).toHaveLength(1));
  return client;
};

describe('while another program holds the lock of the file', () => {
  it('nobody waits but who writes: others come, ask and are heard, and the loop goes round', async () => {
    const { harness, file } = await startOnFile();
    const [anna, bert] = [await resumed(harness, 'anna'), await resumed(harness, 'bert')];
    const { release } = lock(file);
    const watch = watchLoop();

    anna.send(command('page', 1));
    for (let round = 1; round <= 10; round += 1) {
      bert.send({ type: 'PING' });
      await soon(() => expect(bert.of('HEARTBEAT').length).toBeGreaterThanOrEqual(round));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await resumed(harness, 'cleo');
    expect(anna.of('RECEIPT')).toEqual([]);
    expect(watch.roundCount).toBeGreaterThan(20);

    release();
    await soon(() => expect(anna.of('RECEIPT')).toHaveLength(1));
    await soon(() => expect(bert.of('NEW_MESSAGE')).toHaveLength(1));
  });

  it('for longer than 5 s, who writes is closed with 1013, and is told once when he comes again', async () => {
    const { harness, file } = await startOnFile();
    const [anna, bert] = [await resumed(harness, 'anna'), await resumed(harness, 'bert')];
    const { release } = lock(file);

    anna.send(command('page', 1));
    expect((await anna.closed).code).toBe(1013);
    const causes: unknown[] = [];
    for (const error of harness.errors)
      for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
        causes.push(cause.message);
    expect(causes).toContainEqual(expect.stringMatching(/write lock of .*inbox\.db/));
    expect(causes).toContain('database is locked');
    bert.send({ type: 'PING' });
    await soon(() => expect(bert.of('HEARTBEAT').length).toBeGreaterThan(0));

    release();
    const again = await resumed(harness, 'anna');
    again.send(command('page', 1));
    await soon(() => expect(again.of('RECEIPT')).toHaveLength(1));
    await soon(() => expect(bert.of('NEW_MESSAGE')).toHaveLength(1));
  });
});
