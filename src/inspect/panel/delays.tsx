import type { MomentDelay } from '../moments.ts';
import { describeMs } from '../step-words.ts';

/** What is no state's own delay, in words. */
const WORDS: Readonly<Record<string, string>> = { 'budget.refunded': 'connect budget is refunded' };

const Delay = ({ delay, nowMs }: { delay: MomentDelay; nowMs: number }) => {
  const leftMs = Math.max(0, delay.dueAtMs - nowMs);
  const wholeMs = Math.max(1, delay.dueAtMs - delay.setAtMs);
  const name = WORDS[delay.name] ?? delay.name;
  return (
    <li className="delay">
      <code>{name}</code>
      <span className="left">{`in ${describeMs(leftMs)}`}</span>
      <progress aria-label={name} value={wholeMs - leftMs} max={wholeMs} />
    </li>
  );
};

export interface DelaysProps {
  readonly delays: readonly MomentDelay[];
  readonly nowMs: number;
  /** Others may run that are not known. */
  readonly mayHaveOlder: boolean;
}

/** The delays that run, the next one first, with what is left of them. */
export function Delays({ delays, nowMs, mayHaveOlder }: DelaysProps) {
  const sorted = [...delays].sort((a, b) => a.dueAtMs - b.dueAtMs);
  return (
    <section aria-label="Delays">
      <h3>Delays</h3>
      {sorted.length === 0 && !mayHaveOlder && <p className="soft">None runs.</p>}
      <ul>
        {sorted.map((delay) => (
          <Delay key={`${delay.chart} ${delay.name} ${delay.setAtMs}`} delay={delay} nowMs={nowMs} />
        ))}
      </ul>
      {mayHaveOlder && <p className="soft">Those that began before the recording are not known.</p>}
    </section>
  );
}
