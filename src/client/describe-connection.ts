import type { ConnectionEnd } from '../../machines/index.ts';
import { CloseCode } from '../protocol/close-codes.ts';
import { closeDispositionOf } from '../protocol/close-disposition.ts';
import { isKnownCloseCode } from '../protocol/close-rules.ts';
import type { ConnectionSnapshot } from './connection.ts';

/** What of a snapshot is described. */
export type DescribedSnapshot = Pick<
  ConnectionSnapshot,
  'status' | 'failure' | 'retryCount' | 'maxRetries' | 'wait' | 'lastEnd'
>;

const LOST = 'Connection lost.';

const WORDS_OF_CAUSE: Readonly<Record<ConnectionEnd['cause'], string>> = {
  closed: LOST,
  deadline: 'The server did not respond in time.',
  silent: 'The server has stopped responding.',
  stuck: LOST,
  protocol: 'This app and the server do not understand each other.',
  // Mostly a server that is away. Who is not signed in has no token, which is no failure of fetching one.
  token: LOST,
  url: 'The address of the server is not known.',
  protocols: 'The connection could not be prepared.',
  impossible: 'This app cannot open a connection here.',
  suspended: 'This page was paused.',
};

/** What the server said by its close code, else what happened. */
const wordsOfEnd = (end: ConnectionEnd | null): string => {
  if (end === null) return LOST;
  if (end.code === null || end.code === CloseCode.Abnormal) return WORDS_OF_CAUSE[end.cause];
  return closeDispositionOf(end.code).words;
};

const describeCount = (count: number, { maxRetries }: DescribedSnapshot): string =>
  maxRetries === null || count < 1 || count > maxRetries ? '' : ` (${count} of ${maxRetries})`;

const describeIn = (ms: number): string => {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 1) return ' now';
  if (seconds < 60) return ` in ${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? ` in ${minutes} min ${seconds % 60} s`
    : ` in ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

const describeBackoff = (snapshot: DescribedSnapshot, now: number | null | undefined): string => {
  const { wait, retryCount, lastEnd } = snapshot;
  const until = wait?.until ?? null;
  const when = until === null || now === null ? '' : describeIn(until - (now ?? Date.now()));
  const what = wordsOfEnd(lastEnd);
  switch (wait?.why) {
    case 'offline':
      return `You are offline. Trying again${when}.`;
    case 'suspended':
      return `This page is paused. Trying again${when}.`;
    case 'throttled':
      return `${what} There were many attempts. Trying again${when}.`;
    case 'retry':
    case 'advised':
      return `${what} Trying again${when}${describeCount(retryCount + 1, snapshot)}.`;
    default:
      return `${what} Trying again${when}.`;
  }
};

const describeRejected = (end: ConnectionEnd | null): string => {
  const code = end?.code ?? null;
  if (code === null || code === CloseCode.Abnormal || !isKnownCloseCode(code)) {
    return 'The server refused the connection.';
  }
  const { words, then } = closeDispositionOf(code);
  return then === 'refresh' ? `${words} Sign in again.` : words;
};

const describeFailed = ({ failure, lastEnd, maxRetries }: DescribedSnapshot): string => {
  switch (failure) {
    case 'rejected':
      return describeRejected(lastEnd);
    case 'misconfigured':
      return WORDS_OF_CAUSE[lastEnd?.cause === 'protocol' ? 'protocol' : 'impossible'];
    case 'crashed':
      return 'The connection has stopped on a fault of this app. Reload the page.';
    default: {
      const count = maxRetries === 1 ? '1 retry' : `${maxRetries} retries`;
      return `${wordsOfEnd(lastEnd)} Gave up${maxRetries ? ` after ${count}` : ''}.`;
    }
  }
};

/**
 * What a connection does, and what comes next, as a human-readable sentence. Any snapshot has one: what happened in the words of the
 * close table, when the next attempt comes, and which of how many it is. Pure, and re-renders nothing: call it once a second
 * for a countdown.
 *
 * English only. For another language read the same members: `status`, `failure`, `wait.why`, `lastEnd.cause` and close codes
 * are closed sets.
 *
 * @param options the time to count from
 * @example
 * describeConnection(connection.getSnapshot()); // 'Connection lost. Trying again in 8 s (2 of 20).'
 * describeConnection(connection.getSnapshot(), { now: null }); // 'Connection lost. Trying again (2 of 20).'
 */
export const describeConnection = (
  snapshot: DescribedSnapshot,
  {
    now,
  }: {
    /**
     * The time to count from, in ms as `wait.until` counts. Null: no times, as for a live region that would read out each
     * second. @default Date.now(), read only where there is a time to name
     */
    readonly now?: number | null;
  } = {},
): string => {
  const { status, retryCount, lastEnd } = snapshot;
  switch (status) {
    case 'idle':
      return 'Not connected.';
    case 'connecting':
      if (retryCount > 0) return `Trying again now${describeCount(retryCount, snapshot)}.`;
      return lastEnd === null ? 'Connecting…' : 'Connecting again…';
    case 'open':
      return 'Connected.';
    case 'backoff':
      return describeBackoff(snapshot, now);
    case 'loggedOut':
      return 'Signed out.';
    case 'failed':
      return describeFailed(snapshot);
  }
};
