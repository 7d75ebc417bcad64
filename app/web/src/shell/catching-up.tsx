import { useDelivery } from 'statesocket/react';

/** How many messages may be made up for without a word. */
const QUIET_COUNT = 200;

/** A quiet line while a long absence is made up for, or while what was missed cannot be loaded. */
export function CatchingUp() {
  const { status, isCaughtUp, appliedCount } = useDelivery();
  if (status === 'stalled') {
    return <span className="connection-progress">What you missed could not be loaded. Trying again…</span>;
  }
  if (status !== 'live' || isCaughtUp || appliedCount <= QUIET_COUNT) return null;
  return (
    <span className="connection-progress">
      Catching up: {appliedCount.toLocaleString('en')} messages so far
    </span>
  );
}
