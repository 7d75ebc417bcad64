import { useState } from 'react';
import { NewInvitation } from '../../../contract/http-api.ts';
import { invite } from '../store/groups-slice.ts';
import { useAppDispatch } from '../store/store.ts';
import { Field } from '../ui/field.tsx';
import { FormProblem } from '../ui/form-problem.tsx';
import { useForm } from '../ui/use-form.ts';

/** Invites people by e-mail; its owner alone sees it. */
export function InviteForm({ groupId }: { groupId: string }) {
  const dispatch = useAppDispatch();
  const [invited, setInvited] = useState<string | null>(null);
  const { problems, busy, onSubmit } = useForm(NewInvitation, async ({ email }, form) => {
    setInvited(null);
    await dispatch(invite({ groupId, email })).unwrap();
    setInvited(email);
    form.reset();
  });
  return (
    <section className="card" aria-labelledby="invite-title">
      <h2 id="invite-title">Invite somebody</h2>
      <form noValidate onSubmit={onSubmit} className="inline-form">
        <Field
          label="Their e-mail"
          name="email"
          type="email"
          autoComplete="off"
          required
          problem={problems.fields.email}
        />
        <button className="button button-primary" type="submit" disabled={busy}>
          Invite
        </button>
      </form>
      <FormProblem problem={problems.form} />
      <p role="status" className="form-done">
        {invited !== null && `${invited} is invited.`}
      </p>
    </section>
  );
}
