import type { OutboxEntry } from 'statesocket';
import { useConnection } from 'statesocket/react';
import { ClockIcon } from '../ui/icons.tsx';

const wordsOfFailure = (code: string | undefined): string => {
  switch (code) {
    case 'expired':
      return 'Not sent: it waited too long.';
    case 'quarantined':
      return 'Not sent: the server could not take it.';
    case 'skipped':
      return 'Not sent: it was withdrawn in another tab.';
    default:
      return 'Not sent: RednGift refused it.';
  }
};

/**
 * What became of a message that the history does not have yet, and what a person can do about it. Nothing once it is
 * delivered.
 *
 * @param textId the element that the buttons are about.
 */
export function DeliveryNote({ entry, textId }: { entry: OutboxEntry; textId: string }) {
  const { outbox } = useConnection();
  const { key, state, code } = entry;
  if (state === 'delivered') return null;
  if (state !== 'failed') {
    return (
      <span className="bubble-waits">
        <ClockIcon />
        {state === 'queued' ? 'Waiting to be sent' : 'Sending…'}
      </span>
    );
  }
  return (
    <div className="bubble-failed">
      <span>{wordsOfFailure(code)}</span>
      <button
        type="button"
        className="link-button"
        aria-describedby={textId}
        onClick={() => outbox.retry(key)}
      >
        Retry
      </button>
      <button
        type="button"
        className="link-button"
        aria-describedby={textId}
        onClick={() => outbox.discard(key)}
      >
        Discard
      </button>
    </div>
  );
}
