import { useNavigate } from 'react-router';
import { NewGroup } from '../../../contract/http-api.ts';
import { createGroup } from '../store/groups-slice.ts';
import { useAppDispatch } from '../store/store.ts';
import { BackLink } from '../ui/back-link.tsx';
import { Field } from '../ui/field.tsx';
import { FormProblem } from '../ui/form-problem.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { useForm } from '../ui/use-form.ts';
import { usePageTitle } from '../ui/use-page-title.ts';

export function NewGroupPage() {
  const dispatch = useAppDispatch();
  const navigate = useNavigate();
  usePageTitle('New group');
  const { problems, busy, onSubmit } = useForm(NewGroup, async ({ name }) => {
    const group = await dispatch(createGroup(name)).unwrap();
    navigate(`/groups/${group.id}`);
  });
  return (
    <div className="page">
      <header className="page-header">
        <BackLink />
        <PageHeading>New group</PageHeading>
      </header>
      <form noValidate onSubmit={onSubmit} className="card stack">
        <Field
          label="Name of the group"
          name="name"
          required
          maxLength={60}
          autoComplete="off"
          hint="For example “Family 2026” or “Fourth floor”."
          problem={problems.fields.name}
        />
        <FormProblem problem={problems.form} />
        <div className="actions">
          <button className="button button-primary" type="submit" disabled={busy}>
            Create group
          </button>
        </div>
      </form>
    </div>
  );
}
