import type { Clock } from '../lib/clock.ts';
import type { Command } from './command.ts';

/** How many commands of one socket may wait for the one that runs. */
export const MAX_WAITING_COUNT = 128;
/** How large the frames of the waiting commands may be together. One command alone may be larger. */
export const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** A command that runs longer has failed: nothing is awaited without a deadline. */
export const COMMAND_DEADLINE_MS = 30_000;

/** The commands of one socket, run strictly one after the other in the order they came. */
export interface CommandQueue {
  /** Takes the commands of one frame; false, and takes none, when the queue is full. */
  push(commands: readonly Command[], frameBytes: number): boolean;
  /** Forgets what waits. The command that runs is not interrupted. */
  abandon(): void;
  /** Resolves when no command runs or waits. */
  settled(): Promise<void>;
}

export const createCommandQueue = (options: {
  readonly clock: Clock;
  readonly run: (command: Command) => void | Promise<void>;
  /** A command threw, rejected or ran too long. `cause` is undefined for the latter. */
  readonly failed: (cause: unknown) => void;
}): CommandQueue => {
  const { clock, run, failed } = options;
  let waiting: { readonly command: Command; readonly bytes: number }[] = [];
  let waitingBytes = 0;
  let draining: Promise<void> | null = null;

  const runOne = async (command: Command) => {
    const deadline = clock.setTimeout(() => failed(undefined), COMMAND_DEADLINE_MS);
    try {
      await run(command);
    } catch (cause) {
      failed(cause);
    } finally {
      clock.clearTimeout(deadline);
    }
  };
  const drain = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      waitingBytes -= next.bytes;
      await runOne(next.command);
    }
    draining = null;
  };

  return {
    push(commands, frameBytes) {
      if (commands.length === 0) return true;
      const full =
        waiting.length + commands.length > MAX_WAITING_COUNT || waitingBytes + frameBytes > MAX_WAITING_BYTES;
      if (full && (waiting.length > 0 || commands.length > MAX_WAITING_COUNT)) return false;
      const bytes = frameBytes / commands.length;
      waiting.push(...commands.map((command) => ({ command, bytes })));
      waitingBytes += frameBytes;
      draining ??= drain();
      return true;
    },
    abandon() {
      waiting = [];
      waitingBytes = 0;
    },
    settled: async () => {
      await draining;
    },
  };
};
