import type { Engine } from '../engine/engine.ts';
import type { Entry } from '../engine/log.ts';
import { Patience } from '../engine/patience.ts';
import { chainedText, HEARTBEAT_TEXT, heartbeatText, resumedText } from '../wire/outgoing-text.ts';

/** How large a frame of several messages may be, in bytes. One message alone may be larger. */
export const MAX_BATCH_BYTES = 64 * 1024;

/** One user's log for one socket of the delivery extension. */
export interface ResumableLog {
  /** The client's cursor; null: it has none. The newest wins over one that still waits. */
  resume(after: string | null): void;
  /** Cumulative; an id that is not out on this socket is ignored. */
  acknowledge(id: string | number): void;
  /** There may be news. */
  wake(): void;
  /** It is time for a HEARTBEAT. It is sent when the log was read. */
  beat(): void;
  stop(): void;
}

/** Puts entries into frames, in order: a burst travels as one JSON array. */
const framesOf = (entries: readonly Entry[]): { text: string; ids: string[] }[] => {
  const frames: { texts: string[]; ids: string[]; bytes: number }[] = [];
  for (const entry of entries) {
    const text = chainedText(entry);
    const bytes = Buffer.byteLength(text) + 1; // and a bracket or comma
    let frame = frames.at(-1);
    if (frame === undefined || frame.bytes + bytes >= MAX_BATCH_BYTES) {
      frame = { texts: [], ids: [], bytes: 0 };
      frames.push(frame);
    }
    frame.texts.push(text);
    frame.ids.push(entry.id);
    frame.bytes += bytes;
  }
  return frames.map(({ texts, ids }) => ({
    text: texts.length === 1 ? texts.join() : `[${texts.join()}]`,
    ids,
  }));
};

/** Whose log it is, and where it goes. */
export interface ResumableLogOwner {
  readonly engine: Engine;
  readonly userId: string;
  readonly windowCount: number;
  /** The turns of this user: each RESUME and each read is one. */
  takeTurn(): Promise<void> | undefined;
  /** A promise: too much waits for the socket, reply to no RESUME before it resolves. */
  room(): Promise<void> | undefined;
  /** Sends a HEARTBEAT, or nothing where other frames wait. */
  sendHeartbeat(text: string): void;
  /** Sends a frame that holds so many entries. A promise: give the socket no more before it resolves. */
  send(text: string, entryCount: number): Promise<void> | undefined;
  /** Shows who is online: after RESUMED, before the first entry. */
  greet(): Promise<void>;
  /** A RESUME got its RESUMED: after the client's cursor, without it, or for a client that has none. */
  resumed(kind: 'continued' | 'discontinued' | 'first'): void;
  failed(cause: unknown): void;
}

/** A class: there is one per socket, and closures would cost each of them memory. */
class SocketLog implements ResumableLog {
  private readonly owner: ResumableLogOwner;
  /** What was sent last. Null before the first RESUME, and when the log does not know it any more. */
  private position: string | null = null;
  /** Sent and not acknowledged, in order. */
  private readonly out: string[] = [];
  private asked: { readonly after: string | null } | null = null;
  private rung = false;
  private beatIsDue = false;
  private working = false;
  private readonly patience = new Patience();
  private stopped = false;

  constructor(owner: ResumableLogOwner) {
    this.owner = owner;
  }

  resume(after: string | null) {
    this.asked = { after };
    this.start();
  }

  acknowledge(id: string | number) {
    const at = typeof id === 'string' ? this.out.indexOf(id) : -1;
    if (at === -1) return;
    this.out.splice(0, at + 1);
    this.wake();
  }

  wake() {
    this.rung = true;
    this.start();
  }

  beat() {
    const overdue = this.patience.beat();
    if (overdue !== null) this.owner.failed(overdue);
    this.beatIsDue = true;
    this.start();
  }

  stop() {
    this.stopped = true;
  }

  private start() {
    if (!this.working && !this.stopped) void this.work();
  }

  private async work() {
    this.working = true;
    try {
      while (!this.stopped && (this.asked !== null || this.rung || this.beatIsDue)) {
        const turn = this.owner.takeTurn();
        if (turn !== undefined) await turn;
        if (this.stopped) break;
        if (this.asked !== null) await this.answer(this.asked.after);
        else await this.readOn();
      }
    } catch (cause) {
      this.owner.failed(cause);
    } finally {
      this.working = false;
    }
  }

  /** Whether the engine's result is of no use any more. */
  private get isOvertaken(): boolean {
    return this.stopped || this.asked !== null;
  }

  private async answer(after: string | null) {
    const { owner } = this;
    const { engine, userId } = owner;
    this.asked = null;
    // A peer that asks and never reads gets no more replies than fit, and only the newest RESUME gets one.
    const room = owner.room();
    if (room !== undefined) await room;
    if (this.isOvertaken) return;
    // Never by comparing positions: only the entry that follows it shows that a position is of this log.
    const ok = after !== null && (await this.patience.ask(engine.readAfter(userId, after, 1))) !== null;
    if (this.isOvertaken) return;
    const last = await this.patience.ask(engine.last(userId));
    if (this.isOvertaken) return;
    this.position = ok ? after : last;
    this.out.length = 0;
    void owner.send(resumedText(ok, last), 0);
    owner.resumed(ok ? 'continued' : after === null ? 'first' : 'discontinued');
    await owner.greet();
    this.rung = true;
  }

  /** The log has been trimmed past the position, or has forked: the client sees a `last` that is not its cursor. */
  private async tellFork() {
    const { owner } = this;
    const last = await this.patience.ask(owner.engine.last(owner.userId));
    if (this.isOvertaken) return;
    this.position = null;
    this.beatIsDue = false;
    owner.sendHeartbeat(heartbeatText(last));
  }

  private async sendAll(entries: readonly Entry[]) {
    for (const { text, ids } of framesOf(entries)) {
      // Moved before the send: an ACK or doorbell inside it must find things as they will be.
      this.position = ids.at(-1) ?? this.position;
      this.out.push(...ids);
      const drained = this.owner.send(text, ids.length);
      if (drained !== undefined) await drained;
      if (this.isOvertaken) return;
    }
  }

  private async readOn() {
    const { owner, out, position } = this;
    const { windowCount } = owner;
    this.rung = false;
    const room = windowCount - out.length;
    // Where the window is closed, only a heartbeat has to know whether the log still stands.
    if (!this.beatIsDue && (room <= 0 || position === null)) return;
    const entries =
      position === null
        ? null
        : await this.patience.ask(owner.engine.readAfter(owner.userId, position, Math.max(room, 1)));
    if (this.isOvertaken) return;
    if (entries === null) return this.tellFork();
    const fitting = entries.slice(0, Math.max(room, 0));
    if (fitting.length > 0) {
      await this.sendAll(fitting);
      if (this.isOvertaken) return;
    }
    const hasMore = entries.length > fitting.length || (room > 0 && fitting.length === room);
    if (this.beatIsDue && (!hasMore || out.length >= windowCount)) {
      this.beatIsDue = false;
      owner.sendHeartbeat(hasMore || this.position === null ? HEARTBEAT_TEXT : heartbeatText(this.position));
    }
    if (hasMore && out.length < windowCount) this.rung = true;
  }
}

/**
 * The gateway's side of the inbox (docs/protocol.md): reads the log after the position that was sent last, while fewer
 * than a window are unacknowledged. RESUME, reads and heartbeats take turns: none sees another half done.
 */
export const createResumableLog = (owner: ResumableLogOwner): ResumableLog => new SocketLog(owner);
