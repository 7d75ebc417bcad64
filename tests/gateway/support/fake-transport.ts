import type { SessionTransport } from '../../../src/gateway/wire/session-transport.ts';

/** A transport that notes what a session does, and holds what it sends when told to. */
export interface FakeTransport extends SessionTransport {
  /** Everything done to it, in order: texts, `ping`, `close 4401 …`, `terminate`. */
  readonly log: readonly string[];
  /** Nothing leaves any more: sent bytes pile up. */
  stall(): void;
  /** All that piled up leaves at once. */
  flush(): void;
}

/** @param pinged Called when the session pings the peer. */
export const createFakeTransport = (pinged: () => void = () => {}): FakeTransport => {
  const log: string[] = [];
  let stalled = false;
  let bufferedBytes = 0;
  let held: (() => void)[] = [];
  return {
    log,
    get bufferedBytes() {
      return bufferedBytes;
    },
    send(text, flushed) {
      log.push(text);
      if (stalled) bufferedBytes += text.length;
      if (stalled && flushed) held.push(flushed);
      else flushed?.();
    },
    sendBinary(data) {
      log.push(`binary ${data.byteLength}`);
      if (stalled) bufferedBytes += data.byteLength;
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
    flush() {
      stalled = false;
      bufferedBytes = 0;
      const flushed = held;
      held = [];
      for (const callback of flushed) callback();
    },
  };
};
