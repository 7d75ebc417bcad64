import { fetchEarlierMessages } from '../store/chat-slice.ts';
import { useAppDispatch, useAppSelector } from '../store/store.ts';

/** Stands above the first message while there are, or may be, messages before it. */
export function EarlierMessages({ conversationId }: { conversationId: string }) {
  const dispatch = useAppDispatch();
  const load = useAppSelector((state) => state.chat.earlierLoad[conversationId]);
  const before = useAppSelector((state) => state.chat.messages[conversationId]?.[0]?.id);
  if (load === undefined || before === undefined) return null;
  return (
    <p className="list-empty">
      {load === 'failed' && <span role="alert">Earlier messages could not be loaded. </span>}
      <button
        type="button"
        className="link-button"
        disabled={load === 'loading'}
        onClick={() => dispatch(fetchEarlierMessages({ conversationId, before }))}
      >
        {load === 'loading' ? 'Loading…' : 'Show earlier messages'}
      </button>
    </p>
  );
}
