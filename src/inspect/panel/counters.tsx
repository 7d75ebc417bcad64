import type { RecordedCounters } from '../../recording/recording.ts';
import type { Rates } from '../live-source.ts';
import { describeMs, type Latencies } from '../step-words.ts';

const describeCount = (count: number): string => count.toLocaleString('en');

const Flow = ({
  frames,
  length,
  perSecond,
}: {
  frames: number;
  length: number;
  perSecond: number | null;
}) => (
  <>
    {`${describeCount(frames)} frames, ${describeCount(length)} characters or bytes`}
    {perSecond !== null && <span className="soft">{` · ${perSecond.toFixed(1)}/s`}</span>}
  </>
);

export interface CountersProps {
  readonly counters: RecordedCounters;
  /** Null where nothing goes on: a recording. */
  readonly rates: Rates | null;
  readonly latencies: Latencies;
  /** The position of the last message that was acknowledged; undefined: not known, as in a recording. */
  readonly cursor?: string | null | undefined;
}

/** What the data plane has done. A length is in UTF-16 units of text, or bytes of binary data. */
export function Counters({ counters, rates, latencies, cursor }: CountersProps) {
  const { openMs, probeMs, resumeMs } = latencies;
  return (
    <section aria-label="Data plane">
      <h3>Data plane</h3>
      <dl>
        <dt>in</dt>
        <dd>
          <Flow frames={counters.framesIn} length={counters.lengthIn} perSecond={rates?.framesIn ?? null} />
        </dd>
        <dt>out</dt>
        <dd>
          <Flow
            frames={counters.framesOut}
            length={counters.lengthOut}
            perSecond={rates?.framesOut ?? null}
          />
        </dd>
        <dt>queue</dt>
        <dd>{`${describeCount(counters.outboxCount)} in the outbox`}</dd>
        <dt>applied</dt>
        <dd>{`${describeCount(counters.appliedCount)} since the last RESUME`}</dd>
        {cursor !== undefined && (
          <>
            <dt>cursor</dt>
            <dd>
              <code>{cursor ?? 'none'}</code>
            </dd>
          </>
        )}
        <dt>latency</dt>
        <dd>
          {[
            openMs === null ? null : `open ${describeMs(openMs)}`,
            probeMs === null ? null : `probe ${describeMs(probeMs)}`,
            resumeMs === null ? null : `resume ${describeMs(resumeMs)}`,
          ]
            .filter((words) => words !== null)
            .join(', ') || 'nothing measured yet'}
        </dd>
      </dl>
    </section>
  );
}
