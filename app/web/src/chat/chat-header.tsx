import { Link } from 'react-router';
import type { Conversation } from '../../../contract/http-api.ts';
import { Avatar, SantaAvatar } from '../ui/avatar.tsx';
import { BackLink } from '../ui/back-link.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { useIsOnline } from './use-is-online.ts';

/** Whom the chat is with, and what each side knows of the other. */
export function ChatHeader({ conversation }: { conversation: Conversation }) {
  const { role, title, partnerId, groupId, groupName } = conversation;
  const isOnline = useIsOnline(partnerId);
  return (
    <header className="chat-header">
      <BackLink />
      {role === 'giver' ? <Avatar name={title} /> : <SantaAvatar />}
      <div className="chat-header-text">
        <div className="chat-title">
          <PageHeading>{title}</PageHeading>
          {isOnline && <span className="badge-online">Online</span>}
        </div>
        <p>
          <Link to={`/groups/${groupId}`}>{groupName}</Link>
          <span className="chat-secret">
            {role === 'giver' ? ' · sees you as “Your Secret Santa”' : ' · stays anonymous to you'}
          </span>
        </p>
      </div>
    </header>
  );
}
