import type { Connection, ConnectionSnapshot } from '../client/connection.ts';
import { closeRuleOf } from '../protocol/close-rules.ts';
import type { StatesocketError } from '../protocol/errors.ts';

/** A crumb of the trail that Sentry shows before an event. */
export interface SentryBreadcrumb {
  category: 'statesocket';
  level: 'info';
  message: string;
  data: { retryCount: number; cause: string | null; code: number | null };
}

/** A change of the status, as a crumb: where from and to, the retry, and how the last socket ended. */
export const breadcrumbOf = (before: ConnectionSnapshot, after: ConnectionSnapshot): SentryBreadcrumb => ({
  category: 'statesocket',
  level: 'info',
  message: `${before.status} → ${after.status}`,
  data: {
    retryCount: after.retryCount,
    cause: after.lastEnd?.cause ?? null,
    code: after.lastEnd?.code ?? null,
  },
});

/** How the last socket ended, in a word or two: closes that mean the same to the chart are one class. */
const endClassOf = ({ lastEnd }: ConnectionSnapshot): string => {
  if (lastEnd === null) return 'no end';
  return lastEnd.code === null ? lastEnd.cause : `${lastEnd.cause}: ${closeRuleOf(lastEnd.code).then}`;
};

/**
 * What makes one issue of many events: the code, and for a failed connection why, and the class of its last end. An
 * error says itself what was wrong: the end that the connection had before it would only part the first from the rest.
 */
export const fingerprintOf = ({ code }: StatesocketError, snapshot: ConnectionSnapshot): string[] =>
  code === 'connection-failed'
    ? ['statesocket', code, String(snapshot.failure), endClassOf(snapshot)]
    : ['statesocket', code];

/** The most of a recording that goes with an event, in characters: Sentry cuts contexts that are longer. */
export const MAX_RECORDING_LENGTH = 8_000;

/** The end of the recording as JSON, as long as may be; null: nothing is recorded. */
export const recordingOf = (connection: Pick<Connection, 'recording'>): string | null => {
  for (let maxTransitions = 128; maxTransitions >= 1; maxTransitions /= 2) {
    const recording = connection.recording({ maxTransitions });
    if (recording === null) return null;
    const json = JSON.stringify(recording);
    if (json.length <= MAX_RECORDING_LENGTH) return json;
  }
  return null;
};
