import type { ReactNode } from 'react';
import { Brand } from '../ui/brand.tsx';
import { useAuth } from './context/auth-context.tsx';
import { SignInPage } from './sign-in-page.tsx';

/** Shows its children to signed-in people only, and everyone else the way in, at the same address. */
export function AuthGuard({ children }: { children: ReactNode }) {
  const { status, resume } = useAuth();
  switch (status) {
    case 'signedIn':
      return children;
    case 'signedOut':
      return <SignInPage />;
    case 'loading':
      return (
        <main className="splash" aria-busy="true">
          <Brand />
          <p role="status">Opening your gifts…</p>
        </main>
      );
    case 'unreachable':
      return (
        <main className="splash">
          <Brand />
          <p role="alert">RednGift cannot be reached right now.</p>
          <button type="button" className="button" onClick={resume}>
            Try again
          </button>
        </main>
      );
  }
}
