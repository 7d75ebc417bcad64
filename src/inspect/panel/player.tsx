import type { Moment } from '../moments.ts';
import { describeEvent } from '../step-words.ts';
import { PanelButton } from './panel-button.tsx';

const describeMoment = (moment: Moment | undefined): string =>
  moment === undefined || moment.step === null
    ? 'the beginning'
    : `${describeEvent(moment.step.event)}, then ${moment.status}`;

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
      <PanelButton aria-label="First step" isIdle={at <= 0} onClick={() => show(0)}>
        «
      </PanelButton>
      <PanelButton aria-label="Step back" isIdle={at <= 0} onClick={() => show(at - 1)}>
        ‹
      </PanelButton>
      <input
        type="range"
        aria-label="Step"
        aria-valuetext={describeMoment(shown)}
        min={0}
        max={Math.max(0, moments.length - 1)}
        value={Math.max(0, at)}
        onChange={({ target }) => show(Number(target.value))}
      />
      <PanelButton aria-label="Step forward" isIdle={at >= moments.length - 1} onClick={() => show(at + 1)}>
        ›
      </PanelButton>
      <span className="soft mono">{`${Math.max(0, at)}/${Math.max(0, moments.length - 1)}`}</span>
      {isLive ? (
        <button type="button" aria-pressed={!isHeld} onClick={() => onShow(null)}>
          Live
        </button>
      ) : (
        <PanelButton aria-label="Last step" isIdle={!isHeld} onClick={() => onShow(null)}>
          »
        </PanelButton>
      )}
    </fieldset>
  );
}
