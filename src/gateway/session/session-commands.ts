import { StatesocketError } from '../../protocol/errors.ts';
import { type QueuedCommand, RECOVERY } from '../commands/command.ts';
import { createCommandQueue } from '../commands/command-queue.ts';
import { createCommandRunner } from '../commands/command-runner.ts';
import { CommandTraces } from '../observation/command-traces.ts';
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
  readonly waitingCount: number;
  /** Nothing that waits is to run any more. */
  abandon(): void;
  /** The socket is gone: what waits runs without a pace. */
  hurry(): void;
  settled(): Promise<void>;
}

export const createSessionCommands = (options: {
  readonly host: SessionHost;
  readonly userId: string;
  readonly connectionId: string;
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
  const traces = host.observation === null ? null : new CommandTraces(host.observation, host.clock);
  let abandoned = false;
  const runner = createCommandRunner({
    engine: host.engine,
    userId,
    connectionId: options.connectionId,
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
      if (abandoned) return;
      if (traces === null) await runner.run(command, isOverdue, null);
      else await traces.run(command, (trace) => runner.run(command, isOverdue, trace));
    },
    failed(cause) {
      if (cause === undefined) traces?.overdue();
      const what =
        cause === undefined ? 'A command did not finish in time.' : 'A command could not be carried out.';
      options.failed(
        cause instanceof StatesocketError ? cause : new StatesocketError('command-failed', what, { cause }),
      );
    },
  });
  return {
    push(commands, frameBytes, maxBytes) {
      // Before the queue has them: it may run the first at once.
      traces?.arrived(commands);
      const isTaken = queue.push(commands, frameBytes, maxBytes);
      if (!isTaken) for (const command of commands) traces?.ended(command, 'abandoned');
      return isTaken;
    },
    get isBlank() {
      return queue.isIdle && runner.isBlank;
    },
    get waitingCount() {
      return queue.waitingCount;
    },
    abandon() {
      abandoned = true;
      queue.abandon();
      traces?.abandon();
      pace.end();
    },
    hurry: pace.end,
    settled: queue.settled,
  };
};
