import type { Conversation } from '../../../contract/http-api.ts';
import { Avatar, SantaAvatar } from '../ui/avatar.tsx';

/** What a chat says before anybody has said anything. */
export function EmptyChat({ conversation: { role, title } }: { conversation: Conversation }) {
  return (
    <div className="empty-chat">
      {role === 'giver' ? <Avatar name={title} /> : <SantaAvatar />}
      <p className="empty-chat-title">
        {role === 'giver' ? `You drew ${title}!` : 'Somebody drew your name'}
      </p>
      <p>
        {role === 'giver'
          ? `Ask about sizes, hobbies, wishes. ${title} only ever sees “Your Secret Santa”.`
          : 'They stay anonymous. Drop a hint or two about what would make you happy.'}
      </p>
    </div>
  );
}
