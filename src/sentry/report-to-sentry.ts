import type { Connection, ConnectionSnapshot } from '../client/connection.ts';
import { needConnection } from '../client/need-connection.ts';
import { subscribeToChanges } from '../client/snapshot-changes.ts';
import { type Clock, platformClock } from '../lib/clock.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import { once } from '../lib/once.ts';
import { createReportLimit } from '../lib/report-limit.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { NOT_REPORTED } from './not-reported.ts';
import { redactedError } from './redacted-error.ts';
import { breadcrumbOf, fingerprintOf, recordingOf, type SentryBreadcrumb } from './report-context.ts';

/** What goes with each report. */
export interface SentryHint {
  tags: { component: 'WebSocket' };
  extra: { userId: string | null };
  /** Events of one cause are one issue, however often it is retried. */
  fingerprint: string[];
  contexts: {
    statesocket: {
      /** The last steps of `connection.recording()`, as JSON of 8,000 characters at most; null: nothing is recorded. */
      recording: string | null;
      /** How many events of this cause were left out since the one before. */
      leftOutCount: number;
    };
  };
}

/** What is read of an event before it is sent. */
interface SentryEvent {
  breadcrumbs?: { category?: string }[];
}

/** The part of a Sentry SDK that is used: `@sentry/browser`, `@sentry/react`, `@sentry/node` and others have it. */
export interface SentryLike {
  captureException(exception: unknown, hint: SentryHint): unknown;
  addBreadcrumb?(breadcrumb: SentryBreadcrumb): unknown;
  withScope?(
    run: (scope: { addEventProcessor(process: <E extends SentryEvent>(event: E) => E): unknown }) => void,
  ): unknown;
}

/** How much is reported. */
export interface SentryOptions {
  /** Events of one cause in any minute; what is more is counted, and told by the next. @default 5 */
  readonly maxPerMinute?: number;
  /** @default the platform's */
  readonly clock?: Pick<Clock, 'now'>;
}

/** Enough to see a pattern. */
const DEFAULT_MAX_PER_MINUTE = 5;

// Counted over all connections of the page: two of them failing in the same way are two events.
let reportCount = 0;

/** In Node, Sentry's trail of outgoing requests has the handshake in it, with its URL and so with the token. */
const withoutRequests = <E extends SentryEvent>(event: E): E => {
  if (event.breadcrumbs !== undefined) {
    event.breadcrumbs = event.breadcrumbs.filter(({ category }) => category !== 'http');
  }
  return event;
};

/**
 * Reports what goes wrong on a connection to Sentry: each socket error and each error of the connection's error channel
 * once, but for ordinary refusals (`not-connected`, `disposed`, `unknown-type`, `token-missing`); and each time it reaches `failed`, as
 * code `connection-failed`. A crash of the chart is reported as `chart-crashed` alone. Each change of the status is a
 * breadcrumb, of category `statesocket`.
 *
 * Each event has `tags: { component: 'WebSocket' }`, `extra: { userId }`, the end of the flight recording (where the connection has
 * `recorder: flightRecorder()`) and a fingerprint: one cause is one issue. At most `maxPerMinute` events of a cause are sent a
 * minute, and the next says how many were left out. Each is redacted: no URL, token, close reason or payload, no `cause`. Its
 * message ends in a running number, as Sentry's Dedupe integration drops equal neighbours. In Node the trail of outgoing requests
 * is left out too, as the handshake is one; other events of the app still have it (docs/decisions says how to turn it off). Does
 * not hold events while the browser is offline: `makeBrowserOfflineTransport` of the SDK does, also over a reload.
 *
 * Call it once per connection. It is a listener of `onError`: errors no longer go to `console.warn` by themselves.
 *
 * @throws {StatesocketError} `bad-option` without a connection.
 * @returns ends the reports.
 *
 * @example
 * import * as Sentry from '@sentry/react';
 * const stop = reportToSentry(connection, Sentry);
 */
export const reportToSentry = (
  connection: Pick<Connection, 'getSnapshot' | 'subscribe' | 'onError' | 'userId' | 'recording'>,
  Sentry: SentryLike,
  { maxPerMinute = DEFAULT_MAX_PER_MINUTE, clock = platformClock }: SentryOptions = {},
): Unsubscribe => {
  needConnection('reportToSentry', connection);
  const leftOutBefore = createReportLimit(maxPerMinute, clock);
  const report = (error: StatesocketError): void => {
    if (NOT_REPORTED[error.code] !== undefined) return;
    const fingerprint = fingerprintOf(error, connection.getSnapshot());
    const leftOutCount = leftOutBefore(fingerprint.join());
    if (leftOutCount === null) return;
    reportCount += 1;
    const redacted = redactedError(error, reportCount);
    const hint: SentryHint = {
      tags: { component: 'WebSocket' },
      extra: { userId: connection.userId },
      fingerprint,
      contexts: { statesocket: { recording: recordingOf(connection), leftOutCount } },
    };
    const capture = once(() => void Sentry.captureException(redacted, hint));
    Sentry.withScope?.((scope) => {
      scope.addEventProcessor(withoutRequests);
      capture();
    });
    // A stand-in for Sentry may have no scopes, or a withScope that runs nothing.
    capture();
  };

  const noteChange = (next: ConnectionSnapshot, before: ConnectionSnapshot): void => {
    if (next.status !== before.status) Sentry.addBreadcrumb?.(breadcrumbOf(before, next));
    const { failure } = next;
    if (failure === null || failure === before.failure || failure === 'crashed') return;
    report(new StatesocketError('connection-failed', `The connection has failed: ${failure}.`));
  };

  const subscriptions = [connection.onError(report), subscribeToChanges(connection, noteChange)];
  return () => {
    for (const unsubscribe of subscriptions) unsubscribe();
  };
};
