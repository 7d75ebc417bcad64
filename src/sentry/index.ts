/**
 * Reports of a connection's errors to Sentry. Works with any Sentry SDK of JavaScript; imports none.
 * @module statesocket/sentry
 */
export { NOT_REPORTED } from './not-reported.ts';
export { reportToSentry, type SentryHint, type SentryLike } from './report-to-sentry.ts';
