import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useOutbox } from 'statesocket/react';
import type { ChatMessage, Conversation } from '../../../contract/http-api.ts';
import { fetchMessages } from '../store/chat-slice.ts';
import { useAppDispatch, useAppSelector } from '../store/store.ts';
import { DownIcon } from '../ui/icons.tsx';
import { ListState } from '../ui/list-state.tsx';
import { isSameDay } from '../ui/time-words.ts';
import { EarlierMessages } from './earlier-messages.tsx';
import { EmptyChat } from './empty-chat.tsx';
import { MessageBubble } from './message-bubble.tsx';
import { withOutgoing } from './outgoing-message.ts';
import { TypingNote } from './typing-note.tsx';

/** Messages of one side within this time stand close together. */
const SAME_RUN_MS = 5 * 60_000;
/** How far from the newest message a reader must have scrolled to be offered the way back, in px. */
const SCROLLED_AWAY_PX = 160;

/** A log that scrolls must be reachable by keyboard to be scrolled by it (WCAG 2.1.1). */
const log = (name: string) => ({ role: 'log', tabIndex: 0, 'aria-label': name }) as const;

const NONE: readonly ChatMessage[] = [];

/** The list is laid out from its bottom (styles/chat.css), so that it stays at the newest message by itself. */
export function MessageList({ conversation }: { conversation: Conversation }) {
  const { id, title } = conversation;
  const history = useAppSelector((state) => state.chat.messages[id] ?? NONE);
  const entries = useOutbox();
  const messages = useMemo(() => withOutgoing(history, entries, id), [history, entries, id]);
  const load = useAppSelector((state) => state.chat.messagesLoad[id] ?? 'unloaded');
  const dispatch = useAppDispatch();
  const scroller = useRef<HTMLDivElement>(null);
  const [isAway, setAway] = useState(false);
  const toNewest = useCallback(() => {
    if (scroller.current !== null) scroller.current.scrollTop = 0;
  }, []);

  const lastOwn = messages.findLast(({ mine }) => mine);
  const lastOwnKey = lastOwn?.key ?? lastOwn?.id;
  useEffect(() => {
    // A person wants to see what they just said, wherever they had scrolled to.
    if (lastOwnKey !== undefined) toNewest();
  }, [lastOwnKey, toNewest]);

  return (
    <div className="messages-frame">
      <div
        ref={scroller}
        className="messages-scroller"
        {...log(`Chat with ${title}`)}
        onScroll={({ currentTarget }) => setAway(Math.abs(currentTarget.scrollTop) > SCROLLED_AWAY_PX)}
      >
        <div className="messages-column">
          {messages.length === 0 &&
            (load === 'loaded' ? (
              <EmptyChat conversation={conversation} />
            ) : (
              <ListState load={load} empty="" onRetry={() => dispatch(fetchMessages(id))} />
            ))}
          <EarlierMessages conversationId={id} />
          <ol aria-label="Messages" className="messages">
            {messages.map((message, index) => {
              const before = messages[index - 1];
              const startsDay = before === undefined || !isSameDay(before.sentAt, message.sentAt);
              const startsRun =
                startsDay || before.mine !== message.mine || message.sentAt - before.sentAt > SAME_RUN_MS;
              return (
                <MessageBubble
                  // The bubble that waits stays the same one when its echo takes its place.
                  key={message.key ?? message.id}
                  message={message}
                  from={title}
                  startsDay={startsDay}
                  startsRun={startsRun}
                />
              );
            })}
          </ol>
          <TypingNote conversationId={id} from={title} />
        </div>
      </div>
      {isAway && (
        <button type="button" className="to-newest" onClick={toNewest}>
          <DownIcon /> Newest
        </button>
      )}
    </div>
  );
}
