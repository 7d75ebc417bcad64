import type { Connection } from '../client/connection.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { NOT_REPORTED } from './not-reported.ts';
import { redactedError } from './redacted-error.ts';

/** What goes with each report. */
export interface SentryHint {
  tags: { component: 'WebSocket' };
  extra: { userId: string | null };
}

/** What is read of an event before it is sent. */
interface SentryEvent {
  breadcrumbs?: { category?: string }[];
}

/** The part of a Sentry SDK that is used: `@sentry/browser`, `@sentry/react`, `@sentry/node` and others have it. */
export interface SentryLike {
  captureException(exception: unknown, hint: SentryHint): unknown;
  withScope?(
    run: (scope: { addEventProcessor(process: <E extends SentryEvent>(event: E) => E): unknown }) => void,
  ): unknown;
}

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
 * once, but for ordinary refusals (`not-connected`, `disposed`, `unknown-type`); and each time it reaches `failed`, as
 * code `connection-failed`. A crash of the chart is reported as `chart-crashed` alone.
 *
 * Each event has `tags: { component: 'WebSocket' }` and `extra: { userId }`, and is redacted: no URL, token, close reason
 * or payload, no `cause`. Its message ends in a running number, as Sentry's Dedupe integration drops equal neighbours.
 * In Node the trail of outgoing requests is left out too, as the handshake is one; other events of the app still have it
 * (docs/decisions says how to turn it off). It does not limit how many events a hostile server can cause: Sentry's own rate limits and `sampleRate` do.
 *
 * Call it once a connection. It is a listener of `onError`: errors no longer go to `console.warn` by themselves.
 *
 * @returns ends the reports.
 *
 * @example
 * import * as Sentry from '@sentry/react';
 * const stop = reportToSentry(connection, Sentry);
 */
export const reportToSentry = (
  connection: Pick<Connection, 'getSnapshot' | 'subscribe' | 'onError' | 'userId'>,
  Sentry: SentryLike,
): Unsubscribe => {
  const report = (error: StatesocketError): void => {
    if (NOT_REPORTED[error.code] !== undefined) return;
    reportCount += 1;
    const redacted = redactedError(error, reportCount);
    const hint: SentryHint = { tags: { component: 'WebSocket' }, extra: { userId: connection.userId } };
    let captured = false;
    const capture = (): void => {
      captured = true;
      Sentry.captureException(redacted, hint);
    };
    Sentry.withScope?.((scope) => {
      scope.addEventProcessor(withoutRequests);
      capture();
    });
    // A stand-in for Sentry may have no scopes, or a withScope that runs nothing.
    if (!captured) capture();
  };

  let { failure } = connection.getSnapshot();
  const noteFailure = (): void => {
    const before = failure;
    ({ failure } = connection.getSnapshot());
    if (failure === null || failure === before || failure === 'crashed') return;
    report(new StatesocketError('connection-failed', `The connection has failed: ${failure}.`));
  };

  const subscriptions = [connection.onError(report), connection.subscribe(noteFailure)];
  return () => {
    for (const unsubscribe of subscriptions) unsubscribe();
  };
};
