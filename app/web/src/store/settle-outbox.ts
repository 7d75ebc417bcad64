import type { Outbox, Unsubscribe } from 'statesocket';
import { outgoingMessage } from '../chat/outgoing-message.ts';
import type { AppStore } from './store.ts';

const deliveredOf = (outbox: Outbox) => outbox.entries.filter(({ state }) => state === 'delivered');

/** Takes delivered messages out of the outbox as their echoes come: the history shows them from then on. */
export const settleOutbox = (
  outbox: Outbox,
  store: Pick<AppStore, 'getState' | 'subscribe'>,
): Unsubscribe => {
  const settle = (): void => {
    const { messages } = store.getState().chat;
    for (const entry of deliveredOf(outbox)) {
      const history = messages[outgoingMessage(entry)?.conversationId ?? ''];
      if (history?.some(({ key }) => key === entry.key)) outbox.discard(entry.key);
    }
  };
  const stops = [store.subscribe(settle), outbox.subscribe(settle)];
  return () => {
    for (const stop of stops) stop();
  };
};

/**
 * Has the state loaded again, and then takes out of the outbox what was delivered before: its echo is in what was loaded, or
 * so far back that the history does not show it.
 */
export const settledBy = async (outbox: Outbox, reload: () => Promise<void>): Promise<void> => {
  const delivered = deliveredOf(outbox);
  await reload();
  for (const { key } of delivered) outbox.discard(key);
};
