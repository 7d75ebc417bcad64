import { memo, useId } from 'react';
import { CONNECTION_STATUSES } from '../../../machines/index.ts';
import {
  type Box,
  type ChartPicture,
  PADDING,
  type PictureArrow,
  type PictureLine,
  type PictureState,
  TYPE,
  wordsOf,
} from './chart-picture.ts';

/** What of a chart is lit. */
export interface Lit {
  /** The states that are active, by id. */
  readonly states: ReadonlySet<string>;
  /** The transitions that were taken last, by name. */
  readonly transitions: ReadonlySet<string>;
}

/** A picture as it is printed. */
export const NOTHING_LIT: Lit = { states: new Set(), transitions: new Set() };

const classesOf = (...names: readonly (string | false)[]): string => names.filter(Boolean).join(' ');

const Title = ({ children }: { children: string | null }) =>
  children === null ? null : <title>{children}</title>;

const kindOf = ({ id, status }: PictureState): string => (id === '' ? 'card' : (status ?? 'group'));

const StateBox = ({ state, isLit }: { state: PictureState; isLit: boolean }) => (
  <rect
    className={classesOf(
      kindOf(state),
      state.isGroup && state.status !== null && 'inside',
      state.isParallel && 'parallel',
      isLit && 'lit',
    )}
    data-state={state.id}
    x={state.x + 0.75}
    y={state.y + 0.75}
    width={state.width - 1.5}
    height={state.height - 1.5}
    rx={state.id === '' ? 16 : 10}
  >
    <Title>{state.about}</Title>
  </rect>
);

const LineText = ({ text, to }: PictureLine) => {
  if (to === null) return text;
  const [label] = text.split(' → ');
  return (
    <>
      {label} → <tspan className="to">{to}</tspan>
    </>
  );
};

const StateHead = ({ state, transitions }: { state: PictureState; transitions: Lit['transitions'] }) => {
  const left = state.x + PADDING.x;
  const top = state.y + PADDING.y;
  return (
    <>
      {state.isInitial && (
        <circle className="start" cx={left + 4} cy={top + 11} r={4}>
          <title>initial state</title>
        </circle>
      )}
      <text className="name" x={left + (state.isInitial ? 16 : 0)} y={top + 16}>
        {state.name}
      </text>
      {state.lines.map((line, index) => (
        <text
          key={line.text}
          className={classesOf('line', line.transition !== null && transitions.has(line.transition) && 'lit')}
          x={left}
          y={top + TYPE.name.height + 12 + index * TYPE.line.height}
        >
          <LineText {...line} />
        </text>
      ))}
    </>
  );
};

const isTaken = ({ transitions }: PictureArrow, lit: Lit): boolean =>
  transitions.some((name) => lit.transitions.has(name));

const Arrow = ({ arrow, isLit }: { arrow: PictureArrow; isLit: boolean }) => (
  <g className={isLit ? 'lit' : undefined}>
    <title>{arrow.about}</title>
    <path className="way" d={arrow.way} />
    <path className="tip" d={arrow.tip} />
  </g>
);

const Label = ({ arrow, transitions }: { arrow: PictureArrow; transitions: Lit['transitions'] }) => (
  <text className="label">
    {arrow.lines.map(({ event, condition, transition }, index) => (
      <tspan
        key={`${transition} ${event}`}
        className={transitions.has(transition) ? 'lit' : undefined}
        x={arrow.label.x + arrow.label.width / 2}
        y={arrow.label.y + TYPE.label.height * (index + 1)}
      >
        {event}
        {condition !== '' && <tspan className="if">{event === '' ? condition : ` ${condition}`}</tspan>}
      </tspan>
    ))}
  </text>
);

const AnyState = ({ box, isLit }: { box: Box; isLit: boolean }) => (
  <>
    <rect className={classesOf('any', isLit && 'lit')} {...box} rx={14} />
    <text className="label" x={box.x + box.width / 2} y={box.y + 18}>
      any state
    </text>
  </>
);

const Gaps = ({ picture, id }: { picture: ChartPicture; id: string }) => {
  const written = [...picture.states.flatMap(wordsOf), ...picture.arrows.map(({ label }) => label)];
  return (
    <mask id={id} maskUnits="userSpaceOnUse">
      <rect width={picture.width} height={picture.height} fill="#fff" />
      {written.map((box) => (
        <rect key={`${box.x} ${box.y}`} {...box} />
      ))}
    </mask>
  );
};

const Legend = ({ right }: { right: number }) => {
  let x = right - 16;
  return [...CONNECTION_STATUSES].reverse().map((status) => {
    x -= Math.ceil(status.length * 6.9);
    const left = x;
    x -= 30;
    return (
      <g key={status}>
        <rect className={status} x={left - 17} y={15} width={11} height={11} rx={3} />
        <text className="legend" x={left} y={25}>
          {status}
        </text>
      </g>
    );
  });
};

export interface StatechartPictureProps {
  readonly picture: ChartPicture;
  /** Nothing by default. */
  readonly lit?: Lit;
}

/** Draws a statechart that was laid out: every state and every transition, with what is lit. Its style is `PICTURE_STYLE`. */
export const StatechartPicture = memo(({ picture, lit = NOTHING_LIT }: StatechartPictureProps) => {
  const gaps = useId();
  const { width, height, states, arrows, anyState } = picture;
  // What is lit is drawn last, over what it crosses.
  const drawn = [...arrows].sort((a, b) => Number(isTaken(a, lit)) - Number(isTaken(b, lit)));
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={`${picture.name}: ${picture.about}`}
    >
      {states.map((state) => (
        <StateBox key={state.id} state={state} isLit={lit.states.has(state.id)} />
      ))}
      <Gaps picture={picture} id={gaps} />
      <g mask={`url(#${gaps})`}>
        {drawn.map((arrow) => (
          <Arrow key={arrow.way} arrow={arrow} isLit={isTaken(arrow, lit)} />
        ))}
      </g>
      {states.map((state) => (
        <StateHead key={state.id} state={state} transitions={lit.transitions} />
      ))}
      {anyState !== null && (
        <AnyState
          box={anyState}
          isLit={[...lit.transitions].some((name) => name.startsWith('any state: '))}
        />
      )}
      {arrows.map((arrow) => (
        <Label key={arrow.way} arrow={arrow} transitions={lit.transitions} />
      ))}
      <Legend right={width} />
    </svg>
  );
});
