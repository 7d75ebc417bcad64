import type { ConnectionSnapshot } from 'statesocket';
import { CloseCode, closeDispositionOf } from 'statesocket/protocol';

type LastEnd = ConnectionSnapshot['lastEnd'];

/** What the server said by its close code; a cut says nothing. */
export const wordsOfEnd = (lastEnd: LastEnd): string =>
  lastEnd === null || lastEnd.code === null || lastEnd.code === CloseCode.Abnormal
    ? 'Connection lost'
    : closeDispositionOf(lastEnd.code).words;

/** Whether a connection failed because the server does not take its token any more: signing in again helps. */
export const isSessionRefused = ({
  failure,
  lastEnd,
}: Pick<ConnectionSnapshot, 'failure' | 'lastEnd'>): boolean =>
  failure === 'rejected' && !(lastEnd?.code && closeDispositionOf(lastEnd.code).then === 'reject');
