import {
  type AnyActorScope,
  type AnyStateMachine,
  createActor,
  type EventFromLogic,
  type SnapshotFrom,
} from 'xstate';
import { namesTakenIn } from '../../machines/transition-name.ts';

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

type Delay = RunningDelay & { readonly id: unknown };

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
  let executed: Executed[] = [];
  let taken: string[] = [];

  // `transition()` of XState tells the actions and not the transitions: the scope in which it calls the machine is made here.
  const self = createActor(machine);
  self.system.inspect((event) => {
    taken.push(...namesTakenIn(event, machine.id));
  });
  const nothing = (): void => {};
  const scope: AnyActorScope = {
    self,
    system: self.system,
    id: self.id,
    sessionId: self.sessionId,
    logger: nothing,
    defer: nothing,
    emit: nothing,
    stopChild: nothing,
    actionExecutor: (action) => executed.push(action),
  };

  /** Ends or sets a delay, where the action is about one. Answers how long it is. */
  const execute = ({ type, params }: Executed, atMs: number): readonly number[] => {
    const { id, sendId, delay, event } = (params ?? {}) as Record<string, unknown>;
    if (type === 'xstate.cancel') delays = delays.filter((each) => each.id !== sendId);
    if (type !== 'xstate.raise' || typeof delay !== 'number') return [];
    const sends = (event as { type: string }).type;
    delays = [...delays, { id, type: sends, setAtMs: atMs, dueAtMs: atMs + delay }];
    return [Math.round(delay)];
  };

  return {
    get snapshot() {
      return snapshot;
    },
    get delays() {
      return delays;
    },
    take(event, atMs) {
      executed = [];
      taken = [];
      snapshot = machine.transition(snapshot, event, scope) as SnapshotFrom<Machine>;
      return {
        snapshot,
        delaysMs: executed.flatMap((action) => execute(action, atMs)),
        transitions: taken,
      };
    },
    takeDue(type) {
      const [first] = delays.filter((each) => each.type === type).sort((a, b) => a.dueAtMs - b.dueAtMs);
      if (first === undefined) return null;
      delays = delays.filter((each) => each !== first);
      return first.dueAtMs;
    },
  };
};
