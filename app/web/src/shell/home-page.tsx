import { Link } from 'react-router';
import { useAuth } from '../auth/context/auth-context.tsx';
import { useUnreadCount } from '../chat/use-unread-count.ts';
import { GiftIcon } from '../ui/icons.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { usePageTitle } from '../ui/use-page-title.ts';
import { SignOutEverywhere } from './sign-out-everywhere.tsx';

const STEPS = [
  { title: 'Gather a group', text: 'Family, friends, the team: invite them by e-mail.' },
  { title: 'Draw the names', text: 'Everyone gets one person to surprise. Nobody draws themself.' },
  { title: 'Drop a hint', text: 'Chat with the person you drew. They will not know that it is you.' },
] as const;

/** The greeting: above the lists on a phone, the empty desk beside them on a wide screen. */
export function HomePage() {
  const { user } = useAuth();
  usePageTitle('Home', useUnreadCount());
  return (
    <div className="welcome">
      <span className="welcome-mark">
        <GiftIcon />
      </span>
      <PageHeading>Hello, {user?.name}</PageHeading>
      <p className="welcome-lead">Pick a chat, or start a new round of Secret Santa.</p>
      <ol className="welcome-steps">
        {STEPS.map(({ title, text }) => (
          <li key={title}>
            <strong>{title}</strong>
            <span>{text}</span>
          </li>
        ))}
      </ol>
      <Link to="/groups/new" className="button button-primary">
        Start a group
      </Link>
      <div className="welcome-account">
        <SignOutEverywhere />
      </div>
    </div>
  );
}
