import type { ReactNode } from 'react';

/** Said by a screen reader, seen by nobody. */
export function VisuallyHidden({ children }: { children: ReactNode }) {
  return <span className="visually-hidden">{children}</span>;
}
