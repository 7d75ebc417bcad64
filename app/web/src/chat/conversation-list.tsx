import { NavLink } from 'react-router';
import type { ChatMessage, Conversation } from '../../../contract/http-api.ts';
import { fetchConversations } from '../store/chat-slice.ts';
import { useAppDispatch, useAppSelector } from '../store/store.ts';
import { Avatar, SantaAvatar } from '../ui/avatar.tsx';
import { ListState } from '../ui/list-state.tsx';
import { describeTimeOrDay } from '../ui/time-words.ts';
import { VisuallyHidden } from '../ui/visually-hidden.tsx';
import { useIsOnline } from './use-is-online.ts';

const preview = ({ mine, text }: ChatMessage): string => `${mine ? 'You: ' : ''}${text ?? 'A picture'}`;

function ConversationItem({ id, role, title, partnerId, groupName, unreadCount, lastMessage }: Conversation) {
  const isTyping = useAppSelector((state) => state.typing[id] !== undefined);
  const isOnline = useIsOnline(partnerId);
  return (
    <li>
      <NavLink to={`/conversations/${id}`} className="nav-item" data-unread={unreadCount > 0}>
        <span className="avatar-frame">
          {role === 'giver' ? <Avatar name={title} /> : <SantaAvatar />}
          {isOnline && (
            <span className="online-dot">
              <VisuallyHidden>online</VisuallyHidden>
            </span>
          )}
        </span>
        <span className="nav-item-text">
          <span className="nav-item-title">{title}</span>
          <span className="nav-item-note">
            {isTyping ? 'typing…' : lastMessage === null ? groupName : preview(lastMessage)}
          </span>
        </span>
        <span className="nav-item-aside">
          {lastMessage !== null && (
            <time className="nav-item-time">{describeTimeOrDay(lastMessage.sentAt)}</time>
          )}
          {unreadCount > 0 && (
            <span className="unread">
              {unreadCount > 99 ? '99+' : unreadCount}
              <VisuallyHidden> unread</VisuallyHidden>
            </span>
          )}
        </span>
      </NavLink>
    </li>
  );
}

/** The chats of the user, the newest message first. */
export function ConversationList() {
  const { conversations, conversationsLoad } = useAppSelector((state) => state.chat);
  const dispatch = useAppDispatch();
  if (conversations.length === 0) {
    return (
      <ListState
        load={conversationsLoad}
        empty="Your chats appear here once names are drawn in one of your groups."
        onRetry={() => dispatch(fetchConversations())}
      />
    );
  }
  return (
    <ul className="nav-list">
      {conversations.map((conversation) => (
        <ConversationItem key={conversation.id} {...conversation} />
      ))}
    </ul>
  );
}
