import type { AnyStateMachine, EventFromLogic, SnapshotFrom } from 'xstate';
import { namesTakenIn } from '../../machines/transition-name.ts';
import { createPureChart, type Effect } from '../../machines/xstate-internals.ts';

/** What one event made of a chart. */
export interface ReplayedStep<Snapshot> {
  readonly snapshot: Snapshot;
  /** The delays that it set, in whole ms, in that order. */
  readonly delaysMs: readonly number[];
  /** The transitions that it took, transient ones included, by name and in that order. Empty: the chart ignored it. */
  readonly transitions: readonly string[];
}

/** A delay that runs. */
export interface RunningDelay {
  /** The event that it sends. */
  readonly type: string;
  readonly setAtMs: number;
  readonly dueAtMs: number;
}

/** A chart that is led through events, at times that are told. Its actions and actors do nothing. */
export interface ReplayedChart<Machine extends AnyStateMachine> {
  readonly snapshot: SnapshotFrom<Machine>;
  /** In the order in which they were set. */
  readonly delays: readonly RunningDelay[];
  take(event: EventFromLogic<Machine>, atMs: number): ReplayedStep<SnapshotFrom<Machine>>;
  /** When the delay that sends such an event is due, which is then over; null where none runs. */
  takeDue(type: string): number | null;
}

type Delay = RunningDelay & { readonly id: string | null };

/** Leads a chart on from a snapshot. */
export const replayedChart = <Machine extends AnyStateMachine>(
  machine: Machine,
  begin: SnapshotFrom<Machine>,
): ReplayedChart<Machine> => {
  let snapshot = begin;
  const delays = new Set<Delay>();
  const taken: string[] = [];
  const chart = createPureChart(machine, (event) => {
    taken.push(...namesTakenIn(event, machine.id));
  });

  /** Ends or sets a delay, where the effect is about one. Returns how long it is. */
  const execute = (effect: Effect, atMs: number): readonly number[] => {
    if (effect.type === 'cancel') for (const each of delays) if (each.id === effect.id) delays.delete(each);
    if (effect.type !== 'timer' && effect.type !== 'later') return [];
    const { eventType: type, delayMs } = effect;
    const id = effect.type === 'timer' ? effect.id : null;
    delays.add({ id, type, setAtMs: atMs, dueAtMs: atMs + delayMs });
    return [Math.round(delayMs)];
  };

  return {
    get snapshot() {
      return snapshot;
    },
    get delays() {
      return [...delays];
    },
    take(event, atMs) {
      taken.length = 0;
      const step = chart.step(snapshot, event);
      snapshot = step.snapshot;
      return {
        snapshot,
        delaysMs: step.effects.flatMap((effect) => execute(effect, atMs)),
        transitions: [...taken],
      };
    },
    takeDue(type) {
      // Delays of one event are of one length: the first that was set is the first that is due.
      const first = [...delays].find((each) => each.type === type);
      if (first === undefined) return null;
      delays.delete(first);
      return first.dueAtMs;
    },
  };
};
