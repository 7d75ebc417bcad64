import { useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useOutbox } from 'statesocket/react';
import { useAuth } from '../auth/context/auth-context.tsx';
import { describeUnsent, unsentCount } from '../chat/outgoing-message.ts';

/** Ends every session of this person, after a question: for a phone that is lost, or a computer of others. */
export function SignOutEverywhere() {
  const { logoutEverywhere } = useAuth();
  const navigate = useNavigate();
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const count = unsentCount(useOutbox());
  const leave = async () => {
    try {
      await logoutEverywhere();
      navigate('/', { replace: true });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'That did not work. Please try again.');
    }
  };
  return (
    <>
      <button
        type="button"
        className="button button-quiet"
        onClick={() => {
          setProblem(null);
          dialog.current?.showModal();
        }}
      >
        Sign out everywhere
      </button>
      <dialog ref={dialog} className="question" aria-labelledby="everywhere-title">
        <h2 id="everywhere-title">Sign out on all devices?</h2>
        <p>
          Every phone and browser that is signed in as you has to sign in again, this one too.
          {count > 0 && ` ${describeUnsent(count)} deleted.`}
        </p>
        {problem !== null && <p role="alert">{problem}</p>}
        <div className="question-answers">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Stay
          </button>
          <button type="button" className="button button-primary" onClick={leave}>
            Sign out on all devices
          </button>
        </div>
      </dialog>
    </>
  );
}
