import type { SessionTransport } from '../../../src/gateway/wire/session-transport.ts';

/** A transport that notes what a session does, and holds what it sends when told to. */
export interface FakeTransport extends SessionTransport {
  /** Everything done to it, in order: texts, `ping`, `close 4401 …`, `terminate`. */
  readonly log: readonly string[];
  /** Nothing leaves any more: sent bytes pile up. */
  stall(): void;
  /** So many of the frames that piled up leave, the oldest first; what is sent still piles up. */
  leave(frameCount: number): void;
  /** All that piled up leaves at once. */
  flush(): void;
}

/** @param pinged Called when the session pings the peer. */
export const createFakeTransport = (pinged: () => void = () => {}): FakeTransport => {
  const log: string[] = [];
  let stalled = false;
  const held: { readonly bytes: number; readonly flushed: (() => void) | undefined }[] = [];
  const pass = (bytes: number, flushed: (() => void) | undefined) => {
    if (stalled) held.push({ bytes, flushed });
    else flushed?.();
  };
  return {
    log,
    get bufferedBytes() {
      return held.reduce((sum, { bytes }) => sum + bytes, 0);
    },
    send(frame, flushed) {
      const payload = typeof frame === 'string' ? frame : frame.payload;
      log.push(typeof payload === 'string' ? payload : `binary ${payload.byteLength}`);
      pass(typeof payload === 'string' ? payload.length : payload.byteLength, flushed);
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
    leave(frameCount) {
      for (const { flushed } of held.splice(0, frameCount)) flushed?.();
    },
    flush() {
      stalled = false;
      for (const { flushed } of held.splice(0)) flushed?.();
    },
  };
};
