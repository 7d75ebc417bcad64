import type { PackedStep, RecordedStart, RecordedStep, Recording } from './recording.ts';
import { QUEUE_BEGINNING, queueNameOf, RECORDING_VERSION } from './recording.ts';

/** Where the charts are after a step that began at `start`. */
export const startAfter = (start: RecordedStart, { event, state, change }: RecordedStep): RecordedStart => {
  const after = { ...start, [event.chart]: state, facts: { ...start.facts, ...change } };
  if (event.queue === undefined) return after;
  const name = queueNameOf(event.queue);
  if (event.type === 'queue.begun') return { ...after, [name]: QUEUE_BEGINNING };
  const others: { -readonly [Name in keyof RecordedStart]: RecordedStart[Name] } = { ...after };
  delete others[name];
  return others;
};

/** Equal values get one index, in order of their first use. */
const createTable = <T>() => {
  const values: T[] = [];
  const indexes = new Map<string, number>();
  return {
    values,
    indexOf(value: T): number {
      const key = JSON.stringify(value);
      const known = indexes.get(key);
      if (known !== undefined) return known;
      indexes.set(key, values.length);
      return values.push(value) - 1;
    },
  };
};

/** A recording whose steps are not packed yet. */
export type UnpackedRecording = Pick<
  Recording,
  'settings' | 'atMs' | 'counters' | 'droppedCount' | 'start'
> & { readonly steps: readonly RecordedStep[] };

/** Packs the last steps, `maxTransitions` at most. */
export const packRecording = (unpacked: UnpackedRecording, maxTransitions: number): Recording => {
  const { settings, atMs, counters, steps } = unpacked;
  const leftOut = steps.slice(0, Math.max(0, steps.length - maxTransitions));
  const events = createTable<Recording['events'][number]>();
  const states = createTable<Recording['states'][number]>();
  const changes = createTable<Recording['changes'][number]>();
  const pack = ({ atMs, event, state, change, delaysMs, drawnMs }: RecordedStep): PackedStep => {
    const indexes = [events.indexOf(event), states.indexOf(state), changes.indexOf(change)] as const;
    return drawnMs === undefined
      ? [atMs, ...indexes, [...delaysMs]]
      : [atMs, ...indexes, [...delaysMs], drawnMs];
  };
  return {
    version: RECORDING_VERSION,
    settings,
    atMs,
    counters,
    droppedCount: unpacked.droppedCount + leftOut.length,
    start: leftOut.reduce(startAfter, unpacked.start),
    steps: steps.slice(leftOut.length).map(pack),
    events: events.values,
    states: states.values,
    changes: changes.values,
  };
};
