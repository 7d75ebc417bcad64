import { Link } from 'react-router';
import { GiftIcon } from './icons.tsx';
import { PageHeading } from './page-heading.tsx';

interface EmptyScreenProps {
  readonly title: string;
  readonly text: string;
  /** Offered as a button where trying again may help. */
  readonly onRetry?: () => void;
}

/** A screen that has nothing to show, and the ways on. */
export function EmptyScreen({ title, text, onRetry }: EmptyScreenProps) {
  return (
    <div className="empty-screen">
      <span className="welcome-mark">
        <GiftIcon />
      </span>
      <PageHeading>{title}</PageHeading>
      <p>{text}</p>
      <div className="actions">
        {onRetry !== undefined && (
          <button type="button" className="button button-primary" onClick={onRetry}>
            Try again
          </button>
        )}
        <Link to="/" className="button">
          To the overview
        </Link>
      </div>
    </div>
  );
}
