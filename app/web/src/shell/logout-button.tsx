import { useRef } from 'react';
import { useNavigate } from 'react-router';
import { useOutbox } from 'statesocket/react';
import { useAuth } from '../auth/context/auth-context.tsx';
import { unsentCount } from '../chat/outgoing-message.ts';
import { LogoutIcon } from '../ui/icons.tsx';

/** Logs out, after a question where messages would be lost with it. */
export function LogoutButton() {
  const { logout } = useAuth();
  const navigate = useNavigate();
  const dialog = useRef<HTMLDialogElement>(null);
  const count = unsentCount(useOutbox());
  const leave = () => {
    logout();
    // The next person starts at the door, not in the room of the last.
    navigate('/', { replace: true });
  };
  return (
    <>
      <button
        type="button"
        className="button button-quiet"
        onClick={() => (count === 0 ? leave() : dialog.current?.showModal())}
      >
        <LogoutIcon />
        <span className="button-label">Log out</span>
      </button>
      <dialog ref={dialog} className="question" aria-labelledby="leave-title">
        <h2 id="leave-title">Log out now?</h2>
        <p>
          {count === 0
            ? 'Everything is sent by now.'
            : `${count === 1 ? 'One message is' : `${count} messages are`} not sent yet. Logging out deletes what is not sent.`}
        </p>
        <div className="question-answers">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Stay
          </button>
          <button type="button" className="button button-primary" onClick={leave}>
            {count === 0 ? 'Log out' : 'Delete and log out'}
          </button>
        </div>
      </dialog>
    </>
  );
}
