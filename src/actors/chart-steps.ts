import type { AnyActorRef, AnyEventObject, AnyStateMachine } from 'xstate';

/** Told of each event that a chart has taken, and of the snapshots before and after. Must not throw. */
export type StepListener<Snapshot> = (event: AnyEventObject, before: Snapshot, after: Snapshot) => void;

/**
 * The same chart, which tells of each of its steps. Costs an object, where the inspection of XState would make some for
 * each event and action.
 */
export const withSteps = <Machine extends AnyStateMachine>(
  machine: Machine,
  onStep: StepListener<ReturnType<Machine['transition']>>,
): Machine => {
  const { transition } = machine;
  const told: Machine = Object.create(machine);
  told.transition = (before, event, scope) => {
    const after = transition.call(machine, before, event, scope);
    onStep(event, before as ReturnType<Machine['transition']>, after as ReturnType<Machine['transition']>);
    return after;
  };
  return told;
};

/** Tells of each delay that is set by this actor or one below it, and by whom. One clock serves them all, and cannot tell. */
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
