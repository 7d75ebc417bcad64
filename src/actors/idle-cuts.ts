import { once } from '../lib/once.ts';
import { closeRuleOf } from '../protocol/close-rules.ts';
import type { StatesocketError } from '../protocol/errors.ts';
import { mistake } from '../protocol/mistake.ts';

/** So many closes in a row after the same quiet time are no chance. */
const CUTS_TO_REPORT = 3;
/** No proxy's timeout is shorter, in ms; what dies younger dies of something else. */
const MIN_QUIET_MS = 4_000;
/** How much quiet times that one timer ended may differ, in ms, and as a part of them. */
const TOLERANCE_MS = 500;
const TOLERANCE = 0.01;
/** Proxies have their timeouts in whole seconds, and cut a little after. */
const WHOLE_MS = 1_000;

/** The closes of a connection, and how long before each of them no frame had passed, either way. */
export interface IdleCuts {
  /** The server, or what is between, has closed an open socket with this code. `quietMs` is null where it was not timed. */
  closed(quietMs: number | null, code: number): void;
  /** A socket has ended in another way. */
  endedOtherwise(): void;
}

/** The least code that only an application sends. Source: RFC 6455 section 7.4.2. */
const MIN_APP_CODE = 3_000;

/** Whether the close is about the user or the app: a token that lasts 60 s is no timeout of a proxy, and no heartbeat helps. */
const saysWhy = (code: number): boolean => code >= MIN_APP_CODE || closeRuleOf(code).then === 'refresh';

/** Quiet times that all end just after one whole second, within what a timer and a network differ by. */
const isOneTimer = (quietMs: readonly number[]): boolean => {
  const least = Math.min(...quietMs);
  const tolerance = Math.max(TOLERANCE_MS, least * TOLERANCE);
  const pastWhole = (least + TOLERANCE_MS / 2) % WHOLE_MS;
  return least >= MIN_QUIET_MS && Math.max(...quietMs) - least <= tolerance && pastWhole <= TOLERANCE_MS;
};

/** Reports, once for each connection, that its sockets are cut whenever nothing passes for a certain time. */
export const createIdleCuts = (report: (error: StatesocketError) => void): IdleCuts => {
  const reportOnce = once(report);
  /** Of the last closes, oldest first. */
  const quietMs: number[] = [];
  return {
    closed(ms, code) {
      if (ms === null) return;
      if (saysWhy(code)) {
        quietMs.length = 0;
        return;
      }
      if (quietMs.push(ms) > CUTS_TO_REPORT) quietMs.shift();
      if (quietMs.length < CUTS_TO_REPORT || !isOneTimer(quietMs)) return;
      const seconds = Math.round(Math.min(...quietMs) / WHOLE_MS);
      const what = `${CUTS_TO_REPORT} sockets in a row were closed when nothing had passed for ${seconds} s: that is the idle timeout of a proxy, or of the server.`;
      reportOnce(mistake(['idle-timeout'], 'idle-timeout', what));
    },
    endedOtherwise() {
      quietMs.length = 0;
    },
  };
};
