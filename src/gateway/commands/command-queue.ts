import type { Clock } from '../../lib/clock.ts';
import { DEFAULT_WINDOW_COUNT } from '../../protocol/extension.ts';
import type { TakeTurn } from '../fair-scheduler.ts';
import type { QueuedCommand } from './command.ts';

/** How many commands of one socket may wait for the one that runs: whoever keeps to the window never comes near it. */
export const MAX_WAITING_COUNT = 4 * DEFAULT_WINDOW_COUNT;
/** A command that runs longer has failed: nothing is awaited without a deadline. */
export const COMMAND_DEADLINE_MS = 30_000;

/** Parsed, a text takes up to so many times its bytes. */
const PARSED_WEIGHT = 8;
const weightOf = ({ command }: QueuedCommand): number => (command?.kind === 'binary' ? 1 : PARSED_WEIGHT);
const sumOf = (commands: readonly { readonly keptBytes: number }[]): number =>
  commands.reduce((sum, { keptBytes }) => sum + keptBytes, 0);

/** The commands of one socket, run strictly one after the other in the order they came, each when it is its user's turn. */
export interface CommandQueue {
  /**
   * Takes the commands of one frame; false, and takes none, when the queue is full: `MAX_WAITING_COUNT` commands, or frames
   * of `maxBytes` together. One command alone may be larger.
   */
  push(commands: readonly QueuedCommand[], frameBytes: number, maxBytes: number): boolean;
  /** Forgets what waits. The command that runs is not interrupted. */
  abandon(): void;
  /** How many wait. */
  readonly waitingCount: number;
  /** Whether no command runs or waits. */
  readonly isIdle: boolean;
  /** Resolves when no command runs or waits. */
  settled(): Promise<void>;
}

export const createCommandQueue = (options: {
  readonly clock: Clock;
  readonly takeTurn: TakeTurn;
  /** `isOverdue`: whether this run has failed meanwhile, by its deadline. */
  readonly run: (command: QueuedCommand, isOverdue: () => boolean) => void | Promise<void>;
  /** A command threw, rejected or ran too long. `cause` is undefined for the latter. */
  readonly failed: (cause: unknown) => void;
  /** So many more bytes of memory are kept for commands, or fewer: with the one that runs, until its deadline. */
  readonly kept?: (bytes: number) => void;
}): CommandQueue => {
  const { clock, takeTurn, run, failed, kept } = options;
  const waiting: { readonly command: QueuedCommand; readonly bytes: number; readonly keptBytes: number }[] =
    [];
  let waitingBytes = 0;
  let draining: Promise<void> | null = null;

  const runOne = async (command: QueuedCommand, bytes: number) => {
    let overdue = false;
    const deadline = clock.setTimeout(() => {
      overdue = true;
      kept?.(-bytes);
      failed(undefined);
    }, COMMAND_DEADLINE_MS);
    try {
      await run(command, () => overdue);
    } catch (cause) {
      failed(cause);
    } finally {
      clock.clearTimeout(deadline);
      if (!overdue) kept?.(-bytes);
    }
  };
  const drain = async () => {
    while (waiting.length > 0) {
      const turn = takeTurn();
      if (turn !== undefined) await turn;
      const next = waiting.shift();
      if (next === undefined) break;
      waitingBytes -= next.bytes;
      await runOne(next.command, next.keptBytes);
    }
    draining = null;
  };

  return {
    push(commands, frameBytes, maxBytes) {
      if (commands.length === 0) return true;
      const full =
        waiting.length + commands.length > MAX_WAITING_COUNT || waitingBytes + frameBytes > maxBytes;
      if (full && (waiting.length > 0 || commands.length > MAX_WAITING_COUNT)) return false;
      const bytes = frameBytes / commands.length;
      const added = commands.map((command) => ({ command, bytes, keptBytes: bytes * weightOf(command) }));
      waiting.push(...added);
      waitingBytes += frameBytes;
      kept?.(sumOf(added));
      draining ??= drain();
      return true;
    },
    abandon() {
      kept?.(-sumOf(waiting));
      waiting.length = 0;
      waitingBytes = 0;
    },
    get waitingCount() {
      return waiting.length;
    },
    get isIdle() {
      return draining === null;
    },
    settled: async () => {
      await draining;
    },
  };
};
