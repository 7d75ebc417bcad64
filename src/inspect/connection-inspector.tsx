'use client';

import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { ConnectionStatus } from '../../machines/index.ts';
import { describeConnection } from '../client/describe-connection.ts';
import { needConnection } from '../client/need-connection.ts';
import { isQueueName, type RecordedQueue, type Recording } from '../recording/recording.ts';
import { createLiveSource, type InspectedConnection, type LiveView } from './live-source.ts';
import { type Moment, momentsOf } from './moments.ts';
import { Actions } from './panel/actions.tsx';
import { Counters } from './panel/counters.tsx';
import { Delays } from './panel/delays.tsx';
import { INSPECTOR_STYLE, ROOT_CLASS } from './panel/inspector-style.ts';
import { OutboxList } from './panel/outbox-list.tsx';
import { PictureView } from './panel/picture-view.tsx';
import { Player } from './panel/player.tsx';
import { RecordingMenu } from './panel/recording-menu.tsx';
import { Timeline } from './panel/timeline.tsx';
import { describeEnd, latenciesOf, leavesOf } from './step-words.ts';

/** What the inspector shows: a connection, or a recording. */
export interface ConnectionInspectorProps {
  /** The connection to watch. Without one there are no buttons that act on it. */
  readonly connection?: InspectedConnection;
  /** A recording to begin with, instead of the connection. People can open others. */
  readonly recording?: Recording;
  /** Which colours: those that the reader's system has, or one of the two. @default 'light dark' */
  readonly colorScheme?: 'light' | 'dark' | 'light dark';
}

interface HeadingProps {
  readonly status: ConnectionStatus;
  readonly moment: Moment | undefined;
  readonly note: string | null;
  /** Human-readable: what the connection does now, and what comes next. Null where the past is shown. */
  readonly sentence: string | null;
}

const Heading = ({ status, moment, note, sentence }: HeadingProps) => {
  const variables = { '--status': `var(--${status})`, '--status-line': `var(--${status}-line)` };
  return (
    <div className="where" style={variables as React.CSSProperties}>
      <span role="status" aria-label="Status" className="pill">
        <i />
        {status}
      </span>
      {sentence !== null && <span data-part="sentence">{sentence}</span>}
      {moment !== undefined && (
        <>
          <span className="mono" data-part="states">
            {leavesOf(moment.states.connection).join(' · ')}
          </span>
          <span className="soft">{`retry ${moment.facts.retryCount}`}</span>
          <span className="soft" data-part="end">
            {describeEnd(moment.facts.end)}
          </span>
        </>
      )}
      {note !== null && <span className="fault">{note}</span>}
    </div>
  );
};

const keys = new WeakMap<object, string>();
let keyCount = 0;

/** Names a connection or a recording: what is remembered of one is nothing for the next. */
const keyOf = (shown: object): string => {
  const key = keys.get(shown) ?? `shown ${++keyCount}`;
  keys.set(shown, key);
  return key;
};

/** The moment to show: the one that was chosen, while it is there, else the newest. */
const momentAt = (moments: readonly Moment[], index: number | null): Moment | undefined =>
  (index === null ? undefined : moments.find((moment) => moment.index === index)) ?? moments.at(-1);

interface PanelProps {
  readonly connection: InspectedConnection | null;
  readonly recording: Recording | null;
  readonly moments: readonly Moment[];
  readonly live: LiveView | null;
  readonly onOpen: (recording: Recording | null) => void;
}

/** The queues whose charts run. */
const queuesOf = (moment: Moment | undefined): readonly RecordedQueue[] =>
  Object.keys(moment?.states ?? {}).filter(isQueueName);

const noteOf = (isHeld: boolean, live: LiveView | null): string | null => {
  if (live?.hasEnded) return 'The connection has ended';
  return isHeld && live !== null ? 'Looking at the past' : null;
};

const Panel = ({ connection, recording, moments, live, onOpen }: PanelProps) => {
  const [index, setIndex] = useState<number | null>(null);
  const newest = moments.at(-1);
  const chosen = momentAt(moments, index);
  const isHeld = chosen !== newest;
  // A connection that has ended is in no state.
  const shown = live?.hasEnded && !isHeld ? undefined : chosen;
  const counters = recording?.counters ?? live?.counters ?? null;
  const nowMs = isHeld || recording !== null ? (shown?.atMs ?? 0) : (live?.nowMs ?? 0);
  const newestIndex = newest?.index ?? null;
  // Who looks at the newest goes on with it.
  const show = useCallback(
    (next: number | null) => setIndex(next === newestIndex ? null : next),
    [newestIndex],
  );
  const sentence =
    live === null || isHeld || live.hasEnded || connection === null
      ? null
      : // Without times: the delays beside it count down, on the connection's own clock.
        describeConnection(connection.getSnapshot(), { now: null });
  const status = live !== null && !isHeld ? live.status : (shown?.status ?? 'idle');
  return (
    <>
      <div className="head">
        <Heading status={status} moment={shown} note={noteOf(isHeld, live)} sentence={sentence} />
        {connection !== null && recording === null && <Actions connection={connection} />}
        <Player moments={moments} shown={chosen} onShow={show} isLive={recording === null} isHeld={isHeld} />
        <RecordingMenu
          take={() => recording ?? connection?.recording() ?? null}
          onOpen={onOpen}
          isOpen={recording !== null}
          hasConnection={connection !== null}
        />
      </div>
      {counters === null ? (
        <p className="head fault">
          This connection has no flight recorder, so there is no picture of it. Make it with recorder:
          flightRecorder().
        </p>
      ) : (
        <div className="body">
          <div className="side">
            <PictureView chart="connection" moment={shown} />
            <PictureView chart="delivery" moment={shown} />
            {queuesOf(shown).map((queue) => (
              <PictureView key={queue} chart={queue} moment={shown} />
            ))}
          </div>
          <div className="side">
            <Delays
              delays={shown?.delays ?? []}
              nowMs={nowMs}
              mayHaveOlder={shown?.mayHaveOlderDelays === true}
            />
            <Counters
              counters={counters}
              rates={recording === null ? (live?.rates ?? null) : null}
              latencies={latenciesOf(moments)}
              cursor={recording === null ? connection?.delivery.getSnapshot().cursor : undefined}
            />
            {connection !== null && recording === null && <OutboxList outbox={connection.outbox} />}
            <Timeline moments={moments} shown={chosen} onShow={show} />
          </div>
        </div>
      )}
    </>
  );
};

const LivePanel = ({
  connection,
  onOpen,
}: {
  connection: InspectedConnection;
  onOpen: PanelProps['onOpen'];
}) => {
  const source = useMemo(() => createLiveSource(connection), [connection]);
  const live = useSyncExternalStore(source.subscribe, source.getView, source.getView);
  return (
    <Panel connection={connection} recording={null} moments={live.moments} live={live} onOpen={onOpen} />
  );
};

const RecordedPanel = ({
  recording,
  connection,
  onOpen,
}: {
  recording: Recording;
  connection: InspectedConnection | null;
  onOpen: PanelProps['onOpen'];
}) => {
  const moments = useMemo(() => momentsOf(recording), [recording]);
  return (
    <Panel connection={connection} recording={recording} moments={moments} live={null} onOpen={onOpen} />
  );
};

const never = () => () => {};
const yes = () => true;
const no = () => false;

/**
 * A live picture of a connection: its statecharts with what is active and the transitions that were taken last, those of the users'
 * queues among them; the delays that run, a timeline, the counters of the data plane and the outbox; buttons that make things happen
 * to it; and a player for recordings, its own or those of a report.
 *
 * It knows what the flight recorder knows: no message, token, URL, user or close reason. Of the outbox it shows types, states and
 * the server's codes of rejection, and of the log the cursor. It asks for nothing over the network.
 * While it is mounted it looks four times a second; a connection that nobody inspects pays nothing for it. For development: a
 * bundle that does not import `statesocket/inspect` has none of it. Needs browsers of May 2024 or later for its colours, and a
 * content security policy that allows inline styles.
 *
 * @throws {StatesocketError} `bad-option`, in render, where `connection` is handed over as undefined and there is no recording.
 * @throws {RangeError} in render, where `recording` is of another version, or damaged.
 * @example
 * const ConnectionInspector = lazy(async () => ({ default: (await import('statesocket/inspect')).ConnectionInspector }));
 * {isOpen && <ConnectionInspector connection={connection} />}
 */
export function ConnectionInspector(props: ConnectionInspectorProps) {
  const { connection, recording: given, colorScheme = 'light dark' } = props;
  // Left out it means none; handed over as undefined it is a broken import.
  if ('connection' in props && given === undefined) needConnection('ConnectionInspector', connection);
  const [recording, setRecording] = useState<Recording | null>(given ?? null);
  useEffect(() => setRecording(given ?? null), [given]);
  // A server has nothing live to show; nor has a page while it takes over the server's HTML.
  const isLive = useSyncExternalStore(never, yes, no);
  return (
    <section className={ROOT_CLASS} aria-label="Connection inspector" style={{ colorScheme }}>
      <style>{INSPECTOR_STYLE}</style>
      {recording !== null && (
        <RecordedPanel
          key={keyOf(recording)}
          recording={recording}
          connection={connection ?? null}
          onOpen={setRecording}
        />
      )}
      {recording === null && connection !== undefined && isLive && (
        <LivePanel key={keyOf(connection)} connection={connection} onOpen={setRecording} />
      )}
      {recording === null && connection === undefined && (
        <div className="head">
          <RecordingMenu take={() => null} onOpen={setRecording} isOpen={false} hasConnection={false} />
        </div>
      )}
    </section>
  );
}
