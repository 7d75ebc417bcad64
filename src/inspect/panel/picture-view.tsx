import { useEffect, useMemo, useRef, useState } from 'react';
import type { RecordedChart } from '../../recording/recording.ts';
import type { Moment } from '../moments.ts';
import type { Box } from '../picture/chart-picture.ts';
import { pictureOf } from '../picture/pictures.ts';
import { type Lit, NOTHING_LIT, StatechartPicture } from '../picture/statechart-picture.tsx';
import { leavesOf } from '../step-words.ts';

/** The room that is kept around what is scrolled into sight. */
const MARGIN = 40;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Where to scroll to so that this is seen, in one direction; where it is seen already, nowhere. */
const scrolledTo = (seen: Span, wanted: Span): number => {
  const isSeen = wanted.from >= seen.from && wanted.to <= seen.to;
  return isSeen ? seen.from : Math.max(0, (wanted.from + wanted.to - (seen.to - seen.from)) / 2);
};

const isStill = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** The innermost active states that the last step led to; where it led nowhere, all of them. */
const shownFirst = ({ states, transitions }: Lit): readonly string[] => {
  const leaves = leavesOf(states);
  const targets = [...transitions].map((name) => name.split(' → ').at(-1) ?? '');
  const entered = leaves.filter((leaf) => targets.some((target) => `${leaf}.`.startsWith(`${target}.`)));
  return entered.length > 0 ? entered : leaves;
};

const around = (boxes: readonly Box[]): { readonly across: Span; readonly down: Span } => ({
  across: {
    from: Math.min(...boxes.map(({ x }) => x)) - MARGIN,
    to: Math.max(...boxes.map(({ x, width }) => x + width)) + MARGIN,
  },
  down: {
    from: Math.min(...boxes.map(({ y }) => y)) - MARGIN,
    to: Math.max(...boxes.map(({ y, height }) => y + height)) + MARGIN,
  },
});

const lengthOf = ({ from, to }: Span): number => to - from;

/** Scrolls what is active into sight; where there is no room for all of it, the last of it. */
const showActive = (view: HTMLElement, chart: RecordedChart, lit: Lit): void => {
  const ids = shownFirst(lit);
  const boxes = pictureOf(chart).states.filter(({ id }) => ids.includes(id));
  if (boxes.length === 0) return;
  const { scrollLeft: left, scrollTop: top, clientWidth, clientHeight } = view;
  const all = around(boxes);
  const hasRoom = lengthOf(all.across) <= clientWidth && lengthOf(all.down) <= clientHeight;
  const { across, down } = hasRoom ? all : around(boxes.slice(-1));
  view.scrollTo?.({
    left: scrolledTo({ from: left, to: left + clientWidth }, across),
    top: scrolledTo({ from: top, to: top + clientHeight }, down),
    behavior: isStill() ? 'instant' : 'smooth',
  });
};

/** One statechart, lit as it is at a moment. It can be scrolled by keyboard, and follows what is active. */
export function PictureView({ chart, moment }: { chart: RecordedChart; moment: Moment | undefined }) {
  const view = useRef<HTMLElement>(null);
  const [isFit, setIsFit] = useState(false);
  // The steps of other charts change neither.
  const states = moment?.states[chart];
  const transitions = moment?.transitions[chart];
  const lit = useMemo(
    () => (states === undefined || transitions === undefined ? NOTHING_LIT : { states, transitions }),
    [states, transitions],
  );
  useEffect(() => {
    if (view.current !== null && !isFit) showActive(view.current, chart, lit);
  }, [chart, lit, isFit]);
  return (
    <div className="charts">
      <div className="row">
        <h3>{chart}</h3>
        <button type="button" aria-pressed={isFit} onClick={() => setIsFit(!isFit)}>
          {`Whole ${chart} chart`}
        </button>
      </div>
      <section
        ref={view}
        className="view"
        data-fit={isFit}
        aria-label={`Statechart: ${chart}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reachable by keyboard.
        tabIndex={0}
      >
        <StatechartPicture picture={pictureOf(chart)} lit={lit} />
      </section>
    </div>
  );
}
