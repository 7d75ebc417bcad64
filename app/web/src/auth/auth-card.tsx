import type { ReactNode } from 'react';
import { Brand } from '../ui/brand.tsx';
import { usePageTitle } from '../ui/use-page-title.ts';

/** The wrapped parcel in which signing in and signing up are done. */
export function AuthCard({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  usePageTitle(title);
  return (
    <main className="auth">
      <div className="auth-card">
        <Brand />
        <h1>{title}</h1>
        <p className="auth-lead">{lead}</p>
        {children}
      </div>
    </main>
  );
}
