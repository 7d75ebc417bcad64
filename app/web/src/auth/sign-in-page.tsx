import { Link } from 'react-router';
import { SignIn } from '../../../contract/http-api.ts';
import { Field } from '../ui/field.tsx';
import { FormProblem } from '../ui/form-problem.tsx';
import { useForm } from '../ui/use-form.ts';
import { AuthCard } from './auth-card.tsx';
import { useAuth } from './context/auth-context.tsx';

export function SignInPage() {
  const { signIn, expired } = useAuth();
  const { problems, busy, onSubmit } = useForm(SignIn, signIn);
  return (
    <AuthCard title="Welcome back" lead="Your match is waiting for a hint or two.">
      {expired && (
        <p role="alert" className="auth-notice">
          Your session has expired. Please sign in again.
        </p>
      )}
      <form noValidate onSubmit={onSubmit} className="stack">
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
          autoComplete="current-password"
          required
          problem={problems.fields.password && 'Please enter your password.'}
        />
        <FormProblem problem={problems.form} />
        <button className="button button-primary" type="submit" disabled={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
      <p className="auth-switch">
        New here? <Link to="/sign-up">Create an account</Link>
      </p>
    </AuthCard>
  );
}
