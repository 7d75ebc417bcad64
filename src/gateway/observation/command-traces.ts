import type { Clock } from '../../lib/clock.ts';
import { type QueuedCommand, RECOVERY } from '../commands/command.ts';
import type { CommandOutcome } from './gateway-facts.ts';
import type { CommandStep } from './gateway-observer.ts';
import type { GuardedSpan, Observation } from './observation.ts';

/** One command on its way, from its arrival to its outcome. */
export class CommandTrace {
  private readonly arrivedAt: number;
  private readonly span: GuardedSpan | null;
  private waiting: GuardedSpan | null;

  constructor(arrivedAt: number, span: GuardedSpan | null) {
    this.arrivedAt = arrivedAt;
    this.span = span;
    this.waiting = span?.begin('wait') ?? null;
  }

  /** Its turn has come. */
  run<Result>(work: () => Result): Result {
    this.waiting?.end('done');
    this.waiting = null;
    return this.span === null ? work() : this.span.within(work);
  }

  /** Does a part of it. */
  async step<Result>(step: CommandStep, work: () => Result | Promise<Result>): Promise<Result> {
    const part = this.span?.begin(step);
    if (part === undefined) return work();
    try {
      const result = await part.within(work);
      part.end('done');
      return result;
    } catch (cause) {
      part.end('failed');
      throw cause;
    }
  }

  /** To be called once. @returns How long it took, in ms. */
  end(now: number, outcome: CommandOutcome): number {
    this.waiting?.end(outcome);
    this.span?.end(outcome);
    return now - this.arrivedAt;
  }
}

/** Does a part of a command's way, followed where somebody follows it. */
export const inStep = <Result>(
  trace: CommandTrace | null,
  step: CommandStep,
  work: () => Result | Promise<Result>,
): Result | Promise<Result> => (trace === null ? work() : trace.step(step, work));

/** The commands of one socket that are on their way. Made only where somebody observes. */
export class CommandTraces {
  private readonly observation: Observation;
  private readonly clock: Clock;
  private readonly traces = new Map<QueuedCommand, CommandTrace>();
  private running: QueuedCommand | null = null;

  constructor(observation: Observation, clock: Clock) {
    this.observation = observation;
    this.clock = clock;
  }

  arrived(commands: readonly QueuedCommand[]): void {
    for (const queued of commands) {
      if (queued === RECOVERY) continue;
      const { name, command } = queued;
      const span = this.observation.command({ kind: command?.kind ?? 'skip', isDurable: name !== null });
      this.traces.set(queued, new CommandTrace(this.clock.now(), span));
    }
  }

  /** Its turn has come: does the work, and tells what became of it. */
  async run(
    queued: QueuedCommand,
    work: (trace: CommandTrace | null) => Promise<CommandOutcome>,
  ): Promise<void> {
    const trace = this.traces.get(queued) ?? null;
    this.running = queued;
    try {
      this.ended(queued, await (trace === null ? work(null) : trace.run(() => work(trace))));
    } catch (cause) {
      this.ended(queued, 'failed');
      throw cause;
    }
  }

  /** The one that runs has taken too long. What it comes to later counts no more. */
  overdue(): void {
    if (this.running !== null) this.ended(this.running, 'overdue');
  }

  ended(queued: QueuedCommand, outcome: CommandOutcome): void {
    const trace = this.traces.get(queued);
    if (trace === undefined) return;
    this.traces.delete(queued);
    this.observation.record('command.ended', trace.end(this.clock.now(), outcome), outcome);
  }

  /** Nothing that waits will be run. What runs has an outcome yet. */
  abandon(): void {
    for (const queued of [...this.traces.keys()])
      if (queued !== this.running) this.ended(queued, 'abandoned');
  }
}
