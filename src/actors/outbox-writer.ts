import type { OutboxWrite } from './outbox-database.ts';

interface PendingWrite {
  readonly writes: readonly OutboxWrite[];
  resolve(): void;
  reject(cause: unknown): void;
}

/** Writes in the order of the calls. */
export interface OutboxWriter {
  /** Resolves when it is stored. */
  add(writes: readonly OutboxWrite[]): Promise<void>;
  /** Resolves when nothing is left to write. */
  idle(): Promise<void>;
}

/**
 * What is asked for during a transaction shares the next one.
 *
 * @param write `isRetry`: it failed together with others before.
 * @param refused called for what could not be written on its own.
 */
export const createOutboxWriter = (
  write: (writes: readonly OutboxWrite[], isRetry: boolean) => Promise<void>,
  refused: (writes: readonly OutboxWrite[]) => void,
  ready: Promise<unknown>,
): OutboxWriter => {
  const waiting: PendingWrite[] = [];
  let work: Promise<void> | null = null;

  /** What has no room takes nothing else with it: what fails together is tried one by one. */
  const carryOut = async (batch: readonly PendingWrite[], isRetry: boolean): Promise<void> => {
    try {
      await write(
        batch.flatMap(({ writes }) => writes),
        isRetry,
      );
      for (const { resolve } of batch) resolve();
    } catch (cause) {
      if (batch.length > 1) for (const one of batch) await carryOut([one], true);
      else
        for (const { writes, reject } of batch) {
          refused(writes);
          reject(cause);
        }
    }
  };
  const run = async (): Promise<void> => {
    await ready;
    while (waiting.length > 0) await carryOut(waiting.splice(0), false);
    work = null;
  };

  return {
    add: (writes) =>
      new Promise((resolve, reject) => {
        waiting.push({ writes, resolve, reject });
        work ??= run();
      }),
    idle: () => work ?? Promise.resolve(),
  };
};
