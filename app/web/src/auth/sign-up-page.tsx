import { Link, Navigate } from 'react-router';
import { SignUp } from '../../../contract/http-api.ts';
import { Field } from '../ui/field.tsx';
import { FormProblem } from '../ui/form-problem.tsx';
import { useForm } from '../ui/use-form.ts';
import { AuthCard } from './auth-card.tsx';
import { useAuth } from './context/auth-context.tsx';

export function SignUpPage() {
  const { signUp, authenticated } = useAuth();
  const { problems, busy, onSubmit } = useForm(SignUp, signUp);
  if (authenticated) return <Navigate to="/" replace />;
  return (
    <AuthCard title="Join RednGift" lead="Draw names, drop hints, stay a secret.">
      <form noValidate onSubmit={onSubmit} className="stack">
        <Field label="Name" name="name" autoComplete="name" required problem={problems.fields.name} />
        <Field
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username"
          required
          problem={problems.fields.email}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          required
          hint="At least 8 characters."
          problem={problems.fields.password}
        />
        <FormProblem problem={problems.form} />
        <button className="button button-primary" type="submit" disabled={busy}>
          {busy ? 'Creating your account…' : 'Create account'}
        </button>
      </form>
      <p className="auth-switch">
        Have an account? <Link to="/">Sign in</Link>
      </p>
    </AuthCard>
  );
}
