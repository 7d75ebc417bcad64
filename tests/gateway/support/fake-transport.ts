import type { SessionTransport } from '../../../src/gateway/wire/session-transport.ts';
import type { SharedFrame } from '../../../src/gateway/wire/shared-frame.ts';

/** A transport that notes what a session does, and holds what it sends when told to. */
export interface FakeTransport extends SessionTransport {
  /** Everything done to it, in order: texts, `ping`, `close 4401 …`, `terminate`. */
  readonly log: readonly string[];
  /** Nothing leaves any more: sent bytes pile up. */
  stall(): void;
  /** The peer closes, or is gone: nothing leaves any more, and nobody has told the session yet. */
  lose(): void;
  /** So many of the writes that piled up leave, the oldest first; what is sent still piles up. */
  leave(writeCount: number): void;
  /** All that piled up leaves at once. */
  flush(): void;
}

/** @param pinged Called when the session pings the peer. */
export const createFakeTransport = (pinged: () => void = () => {}): FakeTransport => {
  const log: string[] = [];
  let stalled = false;
  let isOpen = true;
  const held: { readonly bytes: number; readonly flushed: (() => void) | undefined }[] = [];
  const pass = (bytes: number, flushed: (() => void) | undefined) => {
    if (stalled) held.push({ bytes, flushed });
    else if (flushed !== undefined) queueMicrotask(flushed);
  };
  const sizeOf = (frame: string | SharedFrame) => {
    const payload = typeof frame === 'string' ? frame : frame.payload;
    return typeof payload === 'string' ? payload.length : payload.byteLength;
  };
  const note = (frame: string | SharedFrame) => {
    const payload = typeof frame === 'string' ? frame : frame.payload;
    log.push(typeof payload === 'string' ? payload : `binary ${payload.byteLength}`);
  };
  return {
    log,
    get bufferedBytes() {
      return held.reduce((sum, { bytes }) => sum + bytes, 0);
    },
    get isOpen() {
      return isOpen;
    },
    send(frame) {
      if (!isOpen) return;
      note(frame);
      pass(sizeOf(frame), undefined);
    },
    sendAll(frames, flushed) {
      if (!isOpen) {
        if (flushed !== undefined) queueMicrotask(flushed);
        return;
      }
      for (const frame of frames) note(frame);
      pass(
        frames.reduce((sum, frame) => sum + sizeOf(frame), 0),
        flushed,
      );
    },
    ping() {
      log.push('ping');
      pinged();
    },
    close: (code, reason) => void log.push(`close ${code} ${reason}`),
    terminate: () => void log.push('terminate'),
    stall() {
      stalled = true;
    },
    lose() {
      isOpen = false;
      for (const { flushed } of held.splice(0)) flushed?.();
    },
    leave(writeCount) {
      for (const { flushed } of held.splice(0, writeCount)) flushed?.();
    },
    flush() {
      stalled = false;
      for (const { flushed } of held.splice(0)) flushed?.();
    },
  };
};
