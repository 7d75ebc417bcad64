/**
 * All that is used of XState beyond its documentation, and nothing of it anywhere else: tests/house/xstate.test.ts looks. Checked
 * against XState 5.33.3; `npm run check:matrix` runs our tests against the major that comes next. What is used, and why:
 *
 * | of XState | why nothing public does |
 * |---|---|
 * | the names `xstate.after.<delay>.<state>`, `xstate.init`, `xstate.stop` | a recording, a path and an inspector name delays |
 * | `_transitions` of a microstep, `_nodes` of a snapshot | `@xstate.transition` says neither which was taken nor all that are active |
 * | `transition` of a machine, replaced | an event has to be dropped before the chart sees it; `inspect` can only watch, and costs more |
 * | `getInitialSnapshot` of a machine, replaced | an invoked chart is not shown to its parent before it runs, and the delivery needs it |
 * | `system.scheduler.schedule`, replaced | one clock serves all charts of a system, and cannot tell which of them waits |
 * | `transition` and `getInitialSnapshot`, called with a scope of ours | `transition()` tells no transitions and makes a scope per step |
 * | the actions `xstate.raise`, `xstate.cancel`, … and their params | they are what a step asks the platform to do |
 * | `children` of a snapshot, written | a snapshot that was made by `resolveState` has none, and the chart asks one of them |
 */
import {
  type AnyActorRef,
  type AnyActorScope,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
  createActor,
  type EventFromLogic,
  fromCallback,
  type InspectionEvent,
  type SnapshotFrom,
} from 'xstate';

const AFTER = 'xstate.after.';

/** The events by which XState begins and ends an actor. */
export const LIFE_EVENTS = ['xstate.init', 'xstate.stop'] as const;

/** Whether only the end of a delay makes this event. */
export const isDelayEvent = (type: string): boolean => type.startsWith(AFTER);

/** The name of the delay that sends such an event: `xstate.after.retryDelay.connection.backoff.waiting` is `retryDelay`. */
export const delayNameOf = (type: string): string =>
  isDelayEvent(type) ? (type.slice(AFTER.length).split('.')[0] ?? type) : type;

/** Whether XState alone makes this event: of a delay, or of an invoked actor. */
export const isOfXState = (type: string): boolean => type.startsWith('xstate.');

/** What is read of a transition, as XState keeps it. */
export interface TakenTransition {
  readonly source: AnyStateNode;
  readonly eventType: string;
  readonly target?: readonly AnyStateNode[] | undefined;
  readonly guard?: unknown;
}

/** The transitions that a microstep took, of whichever machine; none of any other inspection event. */
export const transitionsTakenIn = (event: InspectionEvent): readonly TakenTransition[] =>
  event.type === '@xstate.microstep' ? event._transitions : [];

/** Every state that is active in a chart's snapshot; none of an actor that is no chart. */
export const activeStatesOf = (snapshot: object): readonly AnyStateNode[] =>
  (snapshot as Partial<Pick<AnyMachineSnapshot, '_nodes'>>)._nodes ?? [];

/** Told of each event that a chart has taken, and of the snapshots before and after. Must not throw. */
export type StepListener<Snapshot> = (event: AnyEventObject, before: Snapshot, after: Snapshot) => void;

/** What is done around each step of a chart. Nothing of it may throw. */
export interface StepHooks<Snapshot> {
  /** False: the event is dropped, as if nobody had sent it. @default every event is taken */
  readonly takes?: (event: AnyEventObject) => boolean;
  /** Told of each step that was taken, and of the chart's system. */
  readonly onStep: (
    event: AnyEventObject,
    before: Snapshot,
    after: Snapshot,
    system: AnyActorScope['system'],
  ) => void;
}

type StepOf<Machine extends AnyStateMachine> = ReturnType<Machine['transition']>;

/**
 * The same chart, with something done around each of its steps. Costs an object, where the inspection of XState would make
 * some for each event and action.
 */
export const withSteps = <Machine extends AnyStateMachine>(
  machine: Machine,
  { takes, onStep }: StepHooks<StepOf<Machine>>,
): Machine => {
  const { transition } = machine;
  const hooked: Machine = Object.create(machine);
  hooked.transition = (before, event, scope) => {
    if (takes?.(event) === false) return before;
    const after = transition.call(machine, before, event, scope);
    onStep(event, before as StepOf<Machine>, after as StepOf<Machine>, scope.system);
    return after;
  };
  return hooked;
};

/** Has `inputOf` make the input of a chart that another one invokes, and shows it the actor before that runs. Changes the machine. */
export const onInvoked = <Machine extends AnyStateMachine>(
  machine: Machine,
  inputOf: (self: AnyActorRef) => unknown,
): void => {
  const { getInitialSnapshot } = machine;
  machine.getInitialSnapshot = (scope) => getInitialSnapshot.call(machine, scope, inputOf(scope.self));
};

/** Tells of each delay that is set by this actor or one below it, and by whom. */
export const watchDelays = (
  { system }: AnyActorRef,
  onDelay: (source: AnyActorRef, delayMs: number) => void,
): void => {
  const { scheduler } = system;
  const { schedule } = scheduler;
  scheduler.schedule = (source, target, event, delayMs, id) => {
    onDelay(source, delayMs);
    schedule(source, target, event, delayMs, id);
  };
};

/** What a step of a chart asks the platform to do. */
export type Effect =
  /** A delay that something may cancel, by its id. */
  | { readonly type: 'timer'; readonly id: string; readonly eventType: string; readonly delayMs: number }
  /** A delayed event of the chart to itself that nothing cancels. */
  | { readonly type: 'later'; readonly eventType: string; readonly delayMs: number }
  | { readonly type: 'cancel'; readonly id: string }
  | { readonly type: 'spawn'; readonly id: string; readonly input: unknown }
  | { readonly type: 'stop'; readonly id: string }
  | { readonly type: 'request'; readonly to: string; readonly event: object }
  /** An action of the machine's own, by its name. */
  | { readonly type: 'action'; readonly name: string };

interface Executed {
  readonly type: string;
  readonly params: unknown;
}

const raised = (params: Record<string, unknown>): Effect[] => {
  const { id, delay: delayMs } = params;
  if (typeof delayMs !== 'number') return [];
  const { type: eventType } = params.event as { type: string };
  return [
    typeof id === 'string'
      ? { type: 'timer', id, eventType, delayMs }
      : { type: 'later', eventType, delayMs },
  ];
};

const effectsOf = ({ type, params }: Executed): Effect[] => {
  const given = (params ?? {}) as Record<string, unknown>;
  switch (type) {
    case 'xstate.raise':
      return raised(given);
    case 'xstate.cancel':
      return [{ type: 'cancel', id: String(given.sendId) }];
    case 'xstate.spawnChild':
      return [{ type: 'spawn', id: String(given.id), input: given.input }];
    case 'xstate.stopChild':
      return [{ type: 'stop', id: String(given.id) }];
    case 'xstate.sendTo':
      return [{ type: 'request', to: String(given.targetId), event: given.event as object }];
    default:
      return [{ type: 'action', name: type }];
  }
};

/** What a chart becomes, and what it asks for, in the order asked. */
export interface PureStep<Machine extends AnyStateMachine> {
  readonly snapshot: SnapshotFrom<Machine>;
  readonly effects: readonly Effect[];
}

/** A chart as a function from snapshot and event to snapshot and effects. Nothing is executed. */
export interface PureChart<Machine extends AnyStateMachine> {
  start(input: unknown): PureStep<Machine>;
  step(snapshot: SnapshotFrom<Machine>, event: EventFromLogic<Machine>): PureStep<Machine>;
}

/** What the steps of a chart run in, where nothing is executed. Made once: making one for each takes four times as long as the step. */
const idleScope = (
  machine: AnyStateMachine,
  actionExecutor: AnyActorScope['actionExecutor'],
): AnyActorScope => {
  const self = createActor(machine);
  const nothing = (): void => {};
  const { system, id, sessionId } = self;
  return {
    self,
    system,
    id,
    sessionId,
    logger: nothing,
    defer: nothing,
    emit: nothing,
    stopChild: nothing,
    actionExecutor,
  };
};

/** A chart as a function from snapshot and event to snapshot, for whoever does not ask for effects. */
export const chartFunctionOf = <Machine extends AnyStateMachine>(machine: Machine) => {
  const scope = idleScope(machine, () => {});
  return {
    first: machine.getInitialSnapshot(scope, undefined) as SnapshotFrom<Machine>,
    step: (snapshot: SnapshotFrom<Machine>, event: EventFromLogic<Machine>): SnapshotFrom<Machine> =>
      machine.transition(snapshot, event, scope) as SnapshotFrom<Machine>,
  };
};

/**
 * What `transition()` of XState does, with one scope for all steps.
 *
 * @param inspect is told of the microsteps.
 */
export const createPureChart = <Machine extends AnyStateMachine>(
  machine: Machine,
  inspect?: (event: InspectionEvent) => void,
): PureChart<Machine> => {
  const executed: Executed[] = [];
  const scope = idleScope(machine, (action) => void executed.push(action));
  if (inspect !== undefined) scope.system.inspect(inspect);
  const run = (compute: () => unknown): PureStep<Machine> => {
    executed.length = 0;
    const snapshot = compute() as SnapshotFrom<Machine>;
    return { snapshot, effects: executed.flatMap(effectsOf) };
  };
  return {
    start: (input) => run(() => machine.getInitialSnapshot(scope, input)),
    step: (snapshot, event) => run(() => machine.transition(snapshot, event, scope)),
  };
};

/** A chart's snapshot in a state that was read somewhere, with actors beside it that do nothing. */
export const snapshotWith = <Machine extends AnyStateMachine>(
  machine: Machine,
  state: Parameters<Machine['resolveState']>[0],
  idleActors: readonly string[] = [],
): SnapshotFrom<Machine> => {
  const snapshot: AnyMachineSnapshot = machine.resolveState(state);
  for (const name of idleActors)
    Object.assign(snapshot.children, { [name]: createActor(fromCallback(() => {})) });
  return snapshot as SnapshotFrom<Machine>;
};
