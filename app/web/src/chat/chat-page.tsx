import { useEffect } from 'react';
import { useParams } from 'react-router';
import {
  conversationClosed,
  conversationOpened,
  fetchConversations,
  fetchMessages,
  markRead,
} from '../store/chat-slice.ts';
import { useAppDispatch, useAppSelector } from '../store/store.ts';
import { EmptyScreen } from '../ui/empty-screen.tsx';
import { usePageTitle } from '../ui/use-page-title.ts';
import { ChatHeader } from './chat-header.tsx';
import { Composer } from './composer.tsx';
import { MessageList } from './message-list.tsx';
import { usePageVisible } from './use-page-visible.ts';
import { useUnreadCount } from './use-unread-count.ts';

/** How long after a message that is seen the server is told, in ms; a burst is told once. */
const MARK_READ_AFTER_MS = 300;

/** The chat with one match. */
export function ChatPage() {
  const { conversationId = '' } = useParams();
  return <ChatScreen key={conversationId} conversationId={conversationId} />;
}

function ChatScreen({ conversationId }: { conversationId: string }) {
  const dispatch = useAppDispatch();
  const visible = usePageVisible();
  const unreadCount = useUnreadCount();
  const load = useAppSelector((state) => state.chat.conversationsLoad);
  const conversation = useAppSelector((state) =>
    state.chat.conversations.find(({ id }) => id === conversationId),
  );
  const lastId = useAppSelector((state) => state.chat.messages[conversationId]?.at(-1)?.id);
  usePageTitle(conversation?.title ?? 'Chat', unreadCount);

  useEffect(() => {
    dispatch(fetchMessages(conversationId));
    return () => {
      dispatch(conversationClosed());
    };
  }, [dispatch, conversationId]);

  useEffect(() => {
    dispatch(conversationOpened({ conversationId, visible }));
  }, [dispatch, conversationId, visible]);

  useEffect(() => {
    if (!visible || lastId === undefined) return;
    const timer = setTimeout(() => dispatch(markRead(conversationId)), MARK_READ_AFTER_MS);
    return () => clearTimeout(timer);
  }, [dispatch, conversationId, visible, lastId]);

  if (conversation === undefined) {
    if (load === 'failed') {
      return (
        <EmptyScreen
          title="This chat could not be loaded"
          text="RednGift did not respond."
          onRetry={() => dispatch(fetchConversations())}
        />
      );
    }
    if (load !== 'loaded') return <p className="page-loading">Loading…</p>;
    return (
      <EmptyScreen title="This chat is not yours" text="It does not exist, or it belongs to somebody else." />
    );
  }
  return (
    <div className="chat">
      <ChatHeader conversation={conversation} />
      <MessageList conversation={conversation} />
      <Composer conversation={conversation} />
    </div>
  );
}
