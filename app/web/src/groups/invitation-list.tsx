import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { Invitation } from '../../../contract/http-api.ts';
import { acceptInvitation, declineInvitation } from '../store/invitations-slice.ts';
import { useAppDispatch, useAppSelector } from '../store/store.ts';
import { FormProblem } from '../ui/form-problem.tsx';
import { describeError } from '../ui/use-form.ts';

function InvitationCard({ id, groupId, groupName, invitedBy }: Invitation) {
  const dispatch = useAppDispatch();
  const navigate = useNavigate();
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const answer = async (decide: () => Promise<unknown>, then?: () => void) => {
    setBusy(true);
    setProblem(null);
    try {
      await decide();
      then?.();
    } catch (error) {
      setProblem(describeError(error));
      setBusy(false);
    }
  };
  return (
    <li className="invitation">
      <p>
        <strong>{invitedBy}</strong> invites you to <strong>{groupName}</strong>
      </p>
      <FormProblem problem={problem} />
      <div className="actions">
        <button
          type="button"
          className="button button-small button-primary"
          disabled={busy}
          aria-label={`Accept the invitation to ${groupName}`}
          onClick={() =>
            answer(
              () => dispatch(acceptInvitation(id)).unwrap(),
              () => navigate(`/groups/${groupId}`),
            )
          }
        >
          Accept
        </button>
        <button
          type="button"
          className="button button-small"
          disabled={busy}
          aria-label={`Decline the invitation to ${groupName}`}
          onClick={() => answer(() => dispatch(declineInvitation(id)).unwrap())}
        >
          Decline
        </button>
      </div>
    </li>
  );
}

/** The open invitations, where there are any. */
export function InvitationList() {
  const invitations = useAppSelector((state) => state.invitations);
  if (invitations.length === 0) return null;
  return (
    <section aria-labelledby="invitations-title" className="sidebar-section">
      <h2 id="invitations-title">Invitations</h2>
      <ul className="invitations">
        {invitations.map((invitation) => (
          <InvitationCard key={invitation.id} {...invitation} />
        ))}
      </ul>
    </section>
  );
}
