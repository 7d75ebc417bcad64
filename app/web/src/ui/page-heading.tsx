import { type ReactNode, useEffect, useRef } from 'react';

/** The heading of a screen. It takes the focus when the screen appears, so that a screen reader starts there. */
export function PageHeading({ children }: { children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <h1 ref={heading} tabIndex={-1} className="page-heading">
      {children}
    </h1>
  );
}
