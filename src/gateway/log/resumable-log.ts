import type { Engine, Entry } from '../engine/engine.ts';
import type { TakeTurn } from '../fair-scheduler.ts';
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

/**
 * The gateway's side of the inbox (docs/protocol.md): reads the log after the position that was sent last, while fewer
 * than a window are unacknowledged. RESUME, reads and heartbeats take turns: none sees another half done.
 */
export const createResumableLog = (options: {
  readonly engine: Engine;
  readonly userId: string;
  /** The turns of this user: each RESUME and each read is one. */
  readonly takeTurn: TakeTurn;
  readonly windowCount: number;
  /** A promise: too much waits for the socket, answer no RESUME before it resolves. */
  readonly room: () => Promise<void> | undefined;
  /** Sends a HEARTBEAT, or nothing where other frames wait. */
  readonly sendHeartbeat: (text: string) => void;
  /** Sends a frame that holds so many entries. A promise: give the socket no more before it resolves. */
  readonly send: (text: string, entryCount: number) => Promise<void> | undefined;
  /** Shows who is online: after RESUMED, before the first entry. */
  readonly greet: () => Promise<void>;
  readonly failed: (cause: unknown) => void;
}): ResumableLog => {
  const { engine, userId, takeTurn, windowCount, send, sendHeartbeat, greet, failed } = options;
  /** What was sent last. Null before the first RESUME, and when the log does not know it any more. */
  let position: string | null = null;
  /** Sent and not acknowledged, in order. */
  let out: string[] = [];
  let asked: { readonly after: string | null } | null = null;
  let rung = false;
  let beatIsDue = false;
  let working = false;
  /** Heartbeats since the engine was asked something that it has not answered; null: nothing is out. */
  let unansweredBeatCount: number | null = null;
  let stopped = false;

  /** Whether what the engine has answered is of no use any more. */
  const isOvertaken = () => stopped || asked !== null;

  /** Asks the engine; that nothing is awaited for ever is seen to by `beat`. */
  const ask = async <T>(question: Promise<T>): Promise<T> => {
    unansweredBeatCount = 0;
    try {
      return await question;
    } finally {
      unansweredBeatCount = null;
    }
  };

  const answer = async (after: string | null) => {
    asked = null;
    // Whoever asks and never reads is not answered more than fits, and only the newest RESUME is.
    const room = options.room();
    if (room !== undefined) await room;
    if (isOvertaken()) return;
    // Never by comparing positions: only the entry that follows it shows that a position is of this log.
    const ok = after !== null && (await ask(engine.readAfter(userId, after, 1))) !== null;
    if (isOvertaken()) return;
    const last = await ask(engine.last(userId));
    if (isOvertaken()) return;
    position = ok ? after : last;
    out = [];
    void send(resumedText(ok, last), 0);
    await greet();
    rung = true;
  };

  /** The log has been trimmed past the position, or has forked: the client sees a `last` that is not its cursor. */
  const tellFork = async () => {
    const last = await ask(engine.last(userId));
    if (isOvertaken()) return;
    position = null;
    beatIsDue = false;
    sendHeartbeat(heartbeatText(last));
  };

  const sendAll = async (entries: readonly Entry[]) => {
    for (const { text, ids } of framesOf(entries)) {
      // Moved before the send: an ACK or doorbell inside it must find things as they will be.
      position = ids.at(-1) ?? position;
      out.push(...ids);
      const drained = send(text, ids.length);
      if (drained !== undefined) await drained;
      if (isOvertaken()) return;
    }
  };

  const readOn = async () => {
    rung = false;
    const room = windowCount - out.length;
    // Where the window is closed, only a heartbeat has to know whether the log still stands.
    if (!beatIsDue && (room <= 0 || position === null)) return;
    const entries =
      position === null ? null : await ask(engine.readAfter(userId, position, Math.max(room, 1)));
    if (isOvertaken()) return;
    if (entries === null) return tellFork();
    const fitting = entries.slice(0, Math.max(room, 0));
    await sendAll(fitting);
    if (isOvertaken()) return;
    const hasMore = entries.length > fitting.length || (room > 0 && fitting.length === room);
    if (beatIsDue && (!hasMore || out.length >= windowCount)) {
      beatIsDue = false;
      sendHeartbeat(hasMore || position === null ? HEARTBEAT_TEXT : heartbeatText(position));
    }
    if (hasMore && out.length < windowCount) rung = true;
  };

  const work = async () => {
    working = true;
    try {
      while (!stopped && (asked !== null || rung || beatIsDue)) {
        const turn = takeTurn();
        if (turn !== undefined) await turn;
        if (stopped) break;
        if (asked !== null) await answer(asked.after);
        else await readOn();
      }
    } catch (cause) {
      failed(cause);
    } finally {
      working = false;
    }
  };
  const start = () => {
    if (!working && !stopped) void work();
  };

  return {
    resume(after) {
      asked = { after };
      start();
    },
    acknowledge(id) {
      const at = typeof id === 'string' ? out.indexOf(id) : -1;
      if (at === -1) return;
      out.splice(0, at + 1);
      rung = true;
      start();
    },
    wake() {
      rung = true;
      start();
    },
    beat() {
      if (unansweredBeatCount !== null) unansweredBeatCount += 1;
      if (unansweredBeatCount === 2) failed(new Error('The engine did not answer in time.'));
      beatIsDue = true;
      start();
    },
    stop() {
      stopped = true;
    },
  };
};
