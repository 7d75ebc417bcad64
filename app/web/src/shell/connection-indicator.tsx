import { describeConnection } from 'statesocket';
import { useConnection, useConnectionSnapshot } from 'statesocket/react';
import { CatchingUp } from './catching-up.tsx';
import { useCountdown } from './use-countdown.ts';

const describeCountdown = (seconds: number): string => {
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
  const snapshot = useConnectionSnapshot();
  const { status } = snapshot;
  const seconds = useCountdown(snapshot.nextRetryAt);
  return (
    <div
      className="connection"
      data-status={status}
      data-trouble={status === 'backoff' || status === 'failed'}
    >
      <div role="status" aria-label="Connection" className="connection-status" data-status={status}>
        <span className="connection-dot" aria-hidden="true" />
        <span>{describeConnection(snapshot, { now: null })}</span>
      </div>
      {seconds !== null && (
        <span role="timer" aria-label="Countdown to the next try" className="connection-countdown">
          {describeCountdown(seconds)}
        </span>
      )}
      {status === 'open' && <CatchingUp />}
      <div className="connection-actions">
        {(status === 'backoff' || status === 'failed') && (
          <button type="button" className="button button-small" onClick={() => connection.retry()}>
            Reconnect now
          </button>
        )}
      </div>
    </div>
  );
}
