import type { connectionMachine } from 'statesocket/machines';
import type { InspectionEvent, SnapshotFrom } from 'xstate';
import * as xstate from '../../machines/xstate-internals.ts';

type Machine = typeof connectionMachine;
type Step = xstate.PureStep<Machine>;
export type ChartSnapshot = SnapshotFrom<Machine>;

/** What one step of the chart asks the platform to do, in the order asked. */
export type Effect = xstate.Effect;

const known = (step: Step): Step => {
  for (const effect of step.effects)
    if (effect.type === 'action')
      throw new Error(`The chart executes something the search does not know: ${effect.name}`);
  return step;
};

/** The real machine as a function from snapshot and event to snapshot and effects, all of which the search knows. */
export const createPureChart = (machine: Machine, inspect?: (event: InspectionEvent) => void) => {
  const chart = xstate.createPureChart(machine, inspect);
  return {
    start: (input: object): Step => known(chart.start(input)),
    step: (snapshot: ChartSnapshot, event: { readonly type: string }): Step =>
      known(chart.step(snapshot, event as never)),
  };
};
