import { Component, type ErrorInfo, type ReactNode } from 'react';

interface Props {
  readonly children: ReactNode;
}

/** Keeps one broken screen from leaving a white page. The error itself goes to the console and to Sentry's handlers. */
export class ErrorBoundary extends Component<Props, { readonly broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override componentDidCatch(error: Error, { componentStack }: ErrorInfo): void {
    console.error('RednGift could not show this screen.', error, componentStack);
    reportError(error);
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <main className="splash">
        <h1>Something came unwrapped</h1>
        <p role="alert">This screen could not be shown. Loading the page again usually helps.</p>
        <button type="button" className="button button-primary" onClick={() => location.reload()}>
          Load again
        </button>
      </main>
    );
  }
}
