/**
 * Reports of a connection's errors to Sentry. Works with any Sentry SDK of JavaScript; imports none.
 * @module statesocket/sentry
 */
export { NOT_REPORTED } from './not-reported.ts';
export type { SentryBreadcrumb } from './report-context.ts';
export {
  reportToSentry,
  type SentryHint,
  type SentryLike,
  type SentryOptions,
} from './report-to-sentry.ts';
