import type { connectionMachine } from 'statesocket/machines';
import { type AnyActorScope, createActor, type InspectionEvent, type SnapshotFrom } from 'xstate';

type Machine = typeof connectionMachine;
export type ChartSnapshot = SnapshotFrom<Machine>;
export type ChartInput = Parameters<Machine['getInitialSnapshot']>[1];

/** What one step of the chart asks the platform to do, in the order asked. */
export type Effect =
  | { readonly type: 'timer'; readonly id: string; readonly delayMs: number }
  | { readonly type: 'cancel'; readonly id: string }
  /** A delayed event of the chart to itself that nothing cancels. */
  | { readonly type: 'later'; readonly eventType: string; readonly delayMs: number }
  | { readonly type: 'spawn'; readonly id: string; readonly input: unknown }
  | { readonly type: 'stop'; readonly id: string }
  | { readonly type: 'request'; readonly to: string; readonly event: object };

export interface Step {
  readonly snapshot: ChartSnapshot;
  readonly effects: readonly Effect[];
}

interface Executable {
  readonly type: string;
  readonly params: unknown;
}

const effectOf = ({ type, params }: Executable): Effect[] => {
  const given = params as Record<string, unknown>;
  const event = given.event as { type: string };
  switch (type) {
    case 'xstate.raise': {
      const delayMs = given.delay;
      if (typeof delayMs !== 'number') return [];
      return typeof given.id === 'string'
        ? [{ type: 'timer', id: given.id, delayMs }]
        : [{ type: 'later', eventType: event.type, delayMs }];
    }
    case 'xstate.cancel':
      return [{ type: 'cancel', id: String(given.sendId) }];
    case 'xstate.spawnChild':
      return [{ type: 'spawn', id: String(given.id), input: given.input }];
    case 'xstate.stopChild':
      return [{ type: 'stop', id: (params as { id: string }).id }];
    case 'xstate.sendTo':
      return [{ type: 'request', to: String(given.targetId), event }];
    default:
      throw new Error(`The chart executes something the search does not know: ${type}`);
  }
};

/**
 * The real machine as a function from snapshot and event to snapshot and effects; nothing is executed. It is what
 * `transition()` of xstate does, with one scope for all steps: making one for each takes four times as long as the step.
 */
export const createPureChart = (machine: Machine, inspect?: (event: InspectionEvent) => void) => {
  const self = createActor(machine);
  if (inspect) self.system.inspect(inspect);
  let executed: Executable[] = [];
  const scope = {
    self,
    system: self.system,
    id: '',
    sessionId: '',
    logger() {},
    defer() {},
    emit() {},
    stopChild() {},
    actionExecutor(action: Executable) {
      executed.push(action);
    },
  } as AnyActorScope;
  const run = (compute: () => ChartSnapshot): Step => {
    executed = [];
    const snapshot = compute();
    return { snapshot, effects: executed.flatMap(effectOf) };
  };
  return {
    start: (input: ChartInput): Step => run(() => machine.getInitialSnapshot(scope, input) as ChartSnapshot),
    step: (snapshot: ChartSnapshot, event: { readonly type: string }): Step =>
      run(() => machine.transition(snapshot, event as never, scope) as ChartSnapshot),
  };
};
