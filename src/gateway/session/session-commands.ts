import { StatesocketError } from '../../protocol/errors.ts';
import { type QueuedCommand, RECOVERY } from '../commands/command.ts';
import { createCommandQueue } from '../commands/command-queue.ts';
import { createCommandRunner } from '../commands/command-runner.ts';
import type { Outlet } from './outlet.ts';
import { createPace } from './pace.ts';
import type { SessionHost } from './session-host.ts';
import type { TokenBucket } from './token-bucket.ts';

/** The commands of one socket: their queue, their pace, and what runs them. */
export interface SessionCommands {
  /** See `CommandQueue`. */
  push(commands: readonly QueuedCommand[], frameBytes: number, maxBytes: number): boolean;
  /** Whether others made in their place would do the same: nothing runs or waits, and no client was met. */
  readonly isBlank: boolean;
  /** Nothing that waits is to run any more. */
  abandon(): void;
  /** The socket is gone: what waits runs without a pace. */
  hurry(): void;
  settled(): Promise<void>;
}

export const createSessionCommands = (options: {
  readonly host: SessionHost;
  readonly userId: string;
  readonly outlet: Outlet;
  readonly bucket: TokenBucket;
  /** Whether commands wait for their turn; if not, they have paid on arrival. */
  readonly isPaced: () => boolean;
  readonly tooManyClients: () => void;
  /** A command failed. Nothing that waits may run. */
  readonly failed: (error: StatesocketError) => void;
  /** See `createCommandQueue`. */
  readonly kept: (bytes: number) => void;
}): SessionCommands => {
  const { host, userId, outlet } = options;
  const lane = host.laneOf(userId);
  const pace = createPace(options.bucket, host.clock);
  let abandoned = false;
  const runner = createCommandRunner({
    engine: host.engine,
    userId,
    windowCount: host.limits.windowCount,
    handle: host.handle,
    channels: host.channelsOf(userId),
    lane,
    reply: (text) => outlet.reply(text),
    receipt: (clientId, text) => outlet.receipt(clientId, text),
    tooManyClients: options.tooManyClients,
    report: host.report,
  });
  const queue = createCommandQueue({
    clock: host.clock,
    takeTurn: lane.takeTurn,
    kept: options.kept,
    async run(command, isOverdue) {
      // Recovery is nobody's command.
      if (command !== RECOVERY && options.isPaced()) await pace.turn();
      if (!abandoned) await runner.run(command, isOverdue);
    },
    failed(cause) {
      const what =
        cause === undefined ? 'A command did not finish in time.' : 'A command could not be carried out.';
      options.failed(
        cause instanceof StatesocketError ? cause : new StatesocketError('command-failed', what, { cause }),
      );
    },
  });
  return {
    push: queue.push,
    get isBlank() {
      return queue.isIdle && runner.isBlank;
    },
    abandon() {
      abandoned = true;
      queue.abandon();
      pace.end();
    },
    hurry: pace.end,
    settled: queue.settled,
  };
};
