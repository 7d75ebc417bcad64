import type { LoadState } from '../store/load-state.ts';

interface ListStateProps {
  readonly load: LoadState;
  /** What to say once it is known that the list is empty. */
  readonly empty: string;
  readonly onRetry: () => void;
}

/** What stands where a list has nothing to show. */
export function ListState({ load, empty, onRetry }: ListStateProps) {
  if (load === 'loaded') return <p className="list-empty">{empty}</p>;
  if (load !== 'failed') return <p className="list-empty">Loading…</p>;
  return (
    <p className="list-empty" role="alert">
      This could not be loaded.{' '}
      <button type="button" className="link-button" onClick={onRetry}>
        Try again
      </button>
    </p>
  );
}
