import { Link } from 'react-router';
import { BackIcon } from './icons.tsx';

/** The way back to the lists; shown where they are not beside the screen. */
export function BackLink() {
  return (
    <Link to="/" className="back-link" aria-label="Back to chats and groups">
      <BackIcon />
    </Link>
  );
}
