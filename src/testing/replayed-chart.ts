import { type AnyStateMachine, type EventFromLogic, type SnapshotFrom, transition } from 'xstate';

/** What one event made of a chart. */
export interface ReplayedStep<Snapshot> {
  readonly snapshot: Snapshot;
  /** The delays that it set, in whole ms, in that order. */
  readonly delaysMs: readonly number[];
}

/** A chart that is led through events, at times that are told. Its actions and actors do nothing. */
export interface ReplayedChart<Machine extends AnyStateMachine> {
  readonly snapshot: SnapshotFrom<Machine>;
  take(event: EventFromLogic<Machine>, atMs: number): ReplayedStep<SnapshotFrom<Machine>>;
  /** When the delay that sends such an event is due, which is then over; null where none runs. */
  takeDue(type: string): number | null;
}

interface Delay {
  readonly id: unknown;
  readonly type: string;
  readonly dueAtMs: number;
}

interface Executed {
  readonly type: string;
  readonly params: unknown;
}

/** Leads a chart on from a snapshot. */
export const replayedChart = <Machine extends AnyStateMachine>(
  machine: Machine,
  begin: SnapshotFrom<Machine>,
): ReplayedChart<Machine> => {
  let snapshot = begin;
  let delays: readonly Delay[] = [];

  /** Ends or sets a delay, where the action is about one. Answers how long it is. */
  const execute = ({ type, params }: Executed, atMs: number): readonly number[] => {
    const { id, sendId, delay, event } = (params ?? {}) as Record<string, unknown>;
    if (type === 'xstate.cancel') delays = delays.filter((each) => each.id !== sendId);
    if (type !== 'xstate.raise' || typeof delay !== 'number') return [];
    delays = [...delays, { id, type: (event as { type: string }).type, dueAtMs: atMs + delay }];
    return [Math.round(delay)];
  };

  return {
    get snapshot() {
      return snapshot;
    },
    take(event, atMs) {
      const [next, actions] = transition(machine, snapshot, event);
      snapshot = next;
      return { snapshot, delaysMs: actions.flatMap((action: Executed) => execute(action, atMs)) };
    },
    takeDue(type) {
      const [first] = delays.filter((each) => each.type === type).sort((a, b) => a.dueAtMs - b.dueAtMs);
      if (first === undefined) return null;
      delays = delays.filter((each) => each !== first);
      return first.dueAtMs;
    },
  };
};
