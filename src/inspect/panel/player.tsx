import type { Moment } from '../moments.ts';

export interface PlayerProps {
  readonly moments: readonly Moment[];
  readonly shown: Moment | undefined;
  /** Null: the newest, whatever comes. */
  readonly onShow: (index: number | null) => void;
  /** Whether it goes on: then the newest is now. */
  readonly isLive: boolean;
  readonly isHeld: boolean;
}

/** Steps through the moments: the first, the one before, the one after, the last, or any by the slider. */
export function Player({ moments, shown, onShow, isLive, isHeld }: PlayerProps) {
  const at = shown === undefined ? -1 : moments.indexOf(shown);
  const show = (position: number) => onShow(moments[position]?.index ?? null);
  return (
    <fieldset className="row" aria-label="Steps">
      <button type="button" aria-label="First step" disabled={at <= 0} onClick={() => show(0)}>
        «
      </button>
      <button type="button" aria-label="Step back" disabled={at <= 0} onClick={() => show(at - 1)}>
        ‹
      </button>
      <input
        type="range"
        aria-label="Step"
        min={0}
        max={Math.max(0, moments.length - 1)}
        value={Math.max(0, at)}
        onChange={({ target }) => show(Number(target.value))}
      />
      <button
        type="button"
        aria-label="Step forward"
        disabled={at >= moments.length - 1}
        onClick={() => show(at + 1)}
      >
        ›
      </button>
      <span className="soft mono">{`${Math.max(0, at)}/${Math.max(0, moments.length - 1)}`}</span>
      {isLive ? (
        <button type="button" aria-pressed={!isHeld} onClick={() => onShow(null)}>
          Live
        </button>
      ) : (
        <button type="button" aria-label="Last step" disabled={!isHeld} onClick={() => onShow(null)}>
          »
        </button>
      )}
    </fieldset>
  );
}
