import { useMemo } from 'react';
import type { Moment } from '../moments.ts';
import { describeEvent, describeMs, factsOfMoment, leavesOf } from '../step-words.ts';

/** So many are listed. The slider reaches the others. */
const LISTED_COUNT = 100;

const Step = ({ moment, isShown, onShow }: { moment: Moment; isShown: boolean; onShow: () => void }) => {
  const { step, states, transitions, isOtherwise } = moment;
  if (step === null) return null;
  const { chart } = step.event;
  const taken = [...(transitions[chart] ?? [])];
  const facts = factsOfMoment(moment);
  return (
    <li>
      <button type="button" aria-current={isShown} onClick={onShow}>
        <span className="at">{describeMs(moment.atMs)}</span>
        <span>
          {chart !== 'connection' && <span className="soft">{`${chart} `}</span>}
          <code>{describeEvent(step.event)}</code>
          {taken.length > 0 && (
            <>
              {' → '}
              <span className="to mono">{leavesOf(states[chart] ?? new Set()).join(' · ')}</span>
            </>
          )}
        </span>
        <span className="more">
          {isOtherwise && <span className="fault">This version of the chart leads elsewhere. </span>}
          {taken.length === 0 && !isOtherwise && 'ignored. '}
          {taken.length > 0 && <span className="mono">{taken.join(' › ')}</span>}
          {facts.length > 0 && <span>{` ${facts.join(', ')}`}</span>}
        </span>
      </button>
    </li>
  );
};

export interface TimelineProps {
  readonly moments: readonly Moment[];
  readonly shown: Moment | undefined;
  readonly onShow: (index: number) => void;
}

/** The steps that the charts took, the newest first. Each can be looked at. */
export function Timeline({ moments, shown, onShow }: TimelineProps) {
  return useMemo(
    () => (
      <section aria-label="Timeline">
        <h3>Timeline</h3>
        {moments.length < 2 && <p className="soft">Nothing has happened yet.</p>}
        <ol className="steps">
          {moments
            .slice(-LISTED_COUNT)
            .reverse()
            .map((moment) => (
              <Step
                key={moment.index}
                moment={moment}
                isShown={moment === shown}
                onShow={() => onShow(moment.index)}
              />
            ))}
        </ol>
      </section>
    ),
    [moments, shown, onShow],
  );
}
