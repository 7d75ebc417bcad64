import { DOUBT_COUNT } from '../../machines/index.ts';
import { delayNameOf } from '../../machines/xstate-internals.ts';
import { closeDispositionOf } from '../protocol/close-disposition.ts';
import type { RecordedEvent, RecordedFacts } from '../recording/recording.ts';
import type { Moment } from './moments.ts';

/** Milliseconds in words: `340 ms`, `12.3 s`, `2 min 5 s`. */
export const describeMs = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

const CAUSES: Readonly<Record<NonNullable<RecordedFacts['end']>['cause'], string>> = {
  closed: 'It was closed.',
  deadline: 'No socket opened in time.',
  silent: 'The server fell silent.',
  stuck: 'Its close began and did not end.',
  protocol: 'The server broke the delivery extension.',
  token: 'The token could not be fetched.',
  url: 'The URL could not be made.',
  protocols: 'The subprotocols could not be named.',
  impossible: 'The platform cannot make such a socket.',
  suspended: 'The page was suspended.',
};

/** Whether it is a cause of an end. */
export const isCause = (value: unknown): boolean => typeof value === 'string' && Object.hasOwn(CAUSES, value);

/** How a socket ended: the close code with its meaning where there was one, else the cause. */
export const describeEnd = (end: RecordedFacts['end']): string => {
  if (end === null) return 'No socket has ended yet.';
  if (end.code === null) return CAUSES[end.cause];
  return `${end.code}${end.wasClean ? '' : ', not clean'}: ${closeDispositionOf(end.code).words}`;
};

const describeWhy = (failure: RecordedEvent['failure']): string =>
  failure === undefined ? '' : ` (${[failure.why, failure.httpStatus ?? []].flat().join(' ')})`;

const carried = (event: RecordedEvent): string => {
  const { code, wasClean, failure, cause, canAsk, why, isSameUser, queue, areVerdictsKept } = event;
  if (code !== undefined) {
    return ` ${describeEnd({ cause: 'closed', code, wasClean: wasClean === true })}${describeWhy(failure)}`;
  }
  if (cause !== undefined) return ` (${cause})`;
  if (canAsk === true) return ' (it can be asked)';
  if (why !== undefined) return ` (${why})`;
  if (queue !== undefined) return ` (outbox ${queue})`;
  if (areVerdictsKept === false) return ' (verdicts are not stored yet)';
  return isSameUser === true ? ' (the same user)' : '';
};

/** An event in words: `socket.closed 1006, not clean: The connection was lost.` */
export const describeEvent = (event: RecordedEvent): string => {
  const delay = delayNameOf(event.type);
  return delay === event.type ? `${event.type}${carried(event)}` : `after ${delay}`;
};

/** The innermost active states, in document order. */
export const leavesOf = (states: ReadonlySet<string>): readonly string[] =>
  [...states].filter((id) => ![...states].some((other) => other.startsWith(`${id}.`)));

/** What changed with a step that is worth a line of its own. */
export const factsOfMoment = ({ step, facts }: Moment): readonly string[] => {
  if (step === null) return [];
  const { change, delaysMs, drawnMs } = step;
  return [
    ...(change.retryCount === undefined ? [] : [`retry ${facts.retryCount}`]),
    ...(change.doubtCount === undefined ? [] : [`token in doubt: ${facts.doubtCount} of ${DOUBT_COUNT}`]),
    ...(change.muteCount === undefined || facts.muteCount === 0
      ? []
      : [`sockets that never replied: ${facts.muteCount}`]),
    ...(change.nextTokenReason === 'refresh' || change.tokenReason === 'refresh'
      ? ['asks for a fresh token']
      : []),
    ...(change.minDelayMs === undefined || facts.minDelayMs === 0
      ? []
      : [`advised to wait ${describeMs(facts.minDelayMs)}`]),
    ...(change.connectBudget === undefined ? [] : [`connect budget ${facts.connectBudget}`]),
    ...(drawnMs === undefined ? [] : [`drew ${describeMs(drawnMs)}`]),
    ...(delaysMs.length === 0 ? [] : [`set ${delaysMs.map(describeMs).join(', ')}`]),
  ];
};

/** How long things took, of the last time that they happened; null where they did not. In ms. */
export interface Latencies {
  /** From dialling, token included, to open. */
  readonly openMs: number | null;
  /** From a probe to the server's sign of life. */
  readonly probeMs: number | null;
  /** From RESUME to RESUMED. */
  readonly resumeMs: number | null;
}

/** From the last time that a state was entered before the last such event, to that event. */
const lasted = (moments: readonly Moment[], entered: string, ended: string): number | null => {
  const end = moments.findLastIndex(({ step }) => step?.event.type === ended);
  const begin = moments
    .slice(0, Math.max(0, end))
    .findLast(({ transitions: { connection, delivery } }) =>
      [...connection, ...delivery].some((name) => name.endsWith(` → ${entered}`)),
    );
  const ending = moments[end];
  return begin === undefined || ending === undefined ? null : ending.atMs - begin.atMs;
};

/** Reads off the moments how long the socket, a probe and a RESUME took. */
export const latenciesOf = (moments: readonly Moment[]): Latencies => ({
  openMs: lasted(moments, 'socket', 'socket.opened'),
  probeMs: lasted(moments, 'socket.open.liveness.watched.probing', 'frame.heard'),
  resumeMs: lasted(moments, 'resuming', 'log.resumed'),
});
