import type { Engine } from '../engine/engine.ts';
import type { Entry } from '../engine/log.ts';
import { Patience } from '../engine/patience.ts';

/** How many entries are read at once, and so how many one slow socket makes this process hold. */
export const READ_LIMIT_COUNT = 32;

/** Follows one user's log for one socket. */
export interface LogReader {
  /** There may be news: reads on after the position last sent. While it reads, it notes the call and reads again. */
  wake(): void;
  /** It is a heartbeat: a doorbell may have been lost. An engine that let two go by without a result has failed. */
  beat(): void;
  stop(): void;
}

/** Whose log it is, and where it goes. */
export interface LogReaderOwner {
  readonly engine: Engine;
  readonly userId: string;
  /** Where to begin: entries after this one are sent. */
  readonly position: string;
  /** The turns of this user: each read is one. */
  takeTurn(): Promise<void> | undefined;
  /** A promise: give the socket no more before it resolves; what waits stays in the log. */
  send(entry: Entry): Promise<void> | undefined;
  /** The log no longer knows the position: what came between cannot be sent. */
  lost(): void;
  failed(cause: unknown): void;
}

/** A class: there is one per socket, and closures would cost each of them memory. */
class PositionReader implements LogReader {
  private readonly owner: LogReaderOwner;
  private readonly patience = new Patience();
  private position: string;
  private reading = false;
  private rung = false;
  private stopped = false;

  constructor(owner: LogReaderOwner) {
    this.owner = owner;
    this.position = owner.position;
  }

  wake() {
    this.rung = true;
    if (!this.reading && !this.stopped) void this.read();
  }

  beat() {
    const overdue = this.patience.beat();
    if (overdue !== null) this.owner.failed(overdue);
    this.wake();
  }

  stop() {
    this.stopped = true;
  }

  private async read() {
    this.reading = true;
    try {
      do this.rung = false;
      while ((await this.readOnce()) || (this.rung && !this.stopped));
    } catch (cause) {
      this.owner.failed(cause);
    } finally {
      this.reading = false;
    }
  }

  /** Sends what a single read gives; false when there was no more. */
  private async readOnce(): Promise<boolean> {
    const { owner } = this;
    const turn = owner.takeTurn();
    if (turn !== undefined) await turn;
    if (this.stopped) return false;
    const question = owner.engine.readAfter(owner.userId, this.position, READ_LIMIT_COUNT);
    const entries = await this.patience.ask(question);
    if (this.stopped) return false;
    if (entries === null) {
      owner.lost();
      return false;
    }
    for (const entry of entries) {
      // Moved before the send: a doorbell that rings inside it must not send the entry again.
      this.position = entry.id;
      const drained = owner.send(entry);
      if (drained !== undefined) await drained;
      if (this.stopped) return false;
    }
    return entries.length === READ_LIMIT_COUNT;
  }
}

/** The one way durable messages reach a socket in plain mode, so that they come in log order and each once. */
export const createLogReader = (owner: LogReaderOwner): LogReader => new PositionReader(owner);
