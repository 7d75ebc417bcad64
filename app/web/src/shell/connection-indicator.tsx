import type { ConnectionSnapshot } from 'statesocket';
import { useConnection, useConnectionSnapshot } from 'statesocket/react';
import { useAuth } from '../auth/context/auth-context.tsx';
import { CatchingUp } from './catching-up.tsx';
import { useCountdown } from './use-countdown.ts';
import { isSessionRefused, wordsOfEnd } from './words-of-end.ts';

const words = ({
  status,
  failure,
  lastEnd,
}: Pick<ConnectionSnapshot, 'status' | 'failure' | 'lastEnd'>): string => {
  switch (status) {
    case 'idle':
      return 'Not connected';
    case 'connecting':
      return 'Connecting…';
    case 'open':
      return 'Connected';
    case 'backoff':
      return wordsOfEnd(lastEnd);
    case 'loggedOut':
      return 'Signed out';
    case 'failed':
      return failure === 'rejected' ? wordsOfEnd(lastEnd) : 'No connection to RednGift';
  }
};

const sayCountdown = (seconds: number): string => {
  if (seconds === 0) return 'Trying again…';
  const minutes = Math.floor(seconds / 60);
  return `Next try in ${minutes > 0 ? `${minutes} min ` : ''}${seconds % 60} s`;
};

/**
 * The connection in words, and what a person can do about it. The countdown and the progress stand outside the status
 * region: nobody wants to be told every second.
 */
export function ConnectionIndicator() {
  const connection = useConnection();
  const { status, failure, nextRetryAt, lastEnd } = useConnectionSnapshot();
  const { expired, leaveExpiredSession } = useAuth();
  const seconds = useCountdown(nextRetryAt);
  const isExpired = expired || isSessionRefused({ failure, lastEnd });
  return (
    <div
      className="connection"
      data-status={status}
      data-trouble={isExpired || status === 'backoff' || status === 'failed'}
    >
      <div role="status" aria-label="Connection" className="connection-status" data-status={status}>
        <span className="connection-dot" aria-hidden="true" />
        <span>{isExpired ? 'Your session has expired' : words({ status, failure, lastEnd })}</span>
      </div>
      {seconds !== null && (
        <span role="timer" aria-label="Countdown to the next try" className="connection-countdown">
          {sayCountdown(seconds)}
        </span>
      )}
      {status === 'open' && <CatchingUp />}
      <div className="connection-actions">
        {(status === 'backoff' || status === 'failed') && (
          <button type="button" className="button button-small" onClick={() => connection.retry()}>
            Reconnect now
          </button>
        )}
        {isExpired && (
          <button type="button" className="button button-small button-primary" onClick={leaveExpiredSession}>
            Sign in again
          </button>
        )}
      </div>
    </div>
  );
}
