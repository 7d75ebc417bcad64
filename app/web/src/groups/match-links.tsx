import { Link } from 'react-router';
import { useAppSelector } from '../store/store.ts';
import { Avatar, SantaAvatar } from '../ui/avatar.tsx';
import { describeDay } from '../ui/time-words.ts';

/** The raffle after it took place: the two chats it made for this person. */
export function MatchLinks({ groupId, drawnAt }: { groupId: string; drawnAt: number }) {
  const conversations = useAppSelector((state) => state.chat.conversations);
  const ofGroup = conversations
    .filter((conversation) => conversation.groupId === groupId)
    .toSorted((a, b) => a.role.localeCompare(b.role));
  return (
    <section className="card card-festive" aria-labelledby="match-title">
      <h2 id="match-title">The names are drawn</h2>
      <p className="page-note">{describeDay(drawnAt)}</p>
      <ul className="matches">
        {ofGroup.map(({ id, role, title }) => (
          <li key={id}>
            <Link to={`/conversations/${id}`} className="match">
              {role === 'giver' ? <Avatar name={title} /> : <SantaAvatar />}
              <span>
                <small>{role === 'giver' ? 'You give to' : 'You hear from'}</small>
                <strong>{title}</strong>
              </span>
              <span className="match-go">Chat</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
