import { useSyncExternalStore } from 'react';
import type { Outbox } from '../../client/delivery-view.ts';

/** So many are listed, the newest first. */
const LISTED_COUNT = 12;

/** The durable messages that wait, and what became of the last ones: their types and states, never what they say. */
export function OutboxList({ outbox }: { outbox: Outbox }) {
  const read = () => outbox.entries;
  const entries = useSyncExternalStore(outbox.subscribe, read, read);
  return (
    <section aria-label="Outbox">
      <h3>Outbox</h3>
      {entries.length === 0 && <p className="soft">Empty.</p>}
      <ul className="entries">
        {entries
          .slice(-LISTED_COUNT)
          .reverse()
          .map(({ key, message, state, code }) => (
            <li key={key} data-entry={state}>
              <code>{message.type}</code>
              <span>{code === undefined ? state : `${state}: ${code}`}</span>
            </li>
          ))}
      </ul>
      {entries.length > LISTED_COUNT && (
        <p className="soft">{`and ${entries.length - LISTED_COUNT} older`}</p>
      )}
    </section>
  );
}
