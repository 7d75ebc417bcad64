import { useAppSelector } from '../store/store.ts';

/** Says that the other side is typing. Its place is kept, so that nothing jumps. */
export function TypingNote({ conversationId, from }: { conversationId: string; from: string }) {
  const isTyping = useAppSelector((state) => state.typing[conversationId] !== undefined);
  return (
    <p className="typing" role="status" aria-label="Typing">
      {isTyping && (
        <>
          <span className="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {from} is typing…
        </>
      )}
    </p>
  );
}
