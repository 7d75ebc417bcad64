import { createRandom } from './random.ts';
import type { Deed, Fault, Plan, Step } from './steps.ts';

/** A short day: each kind of message there is, in both directions, within two seconds. */
const deeds: readonly (Deed & { readonly atMs: number })[] = [
  { do: 'say', user: 'ada', tab: 0, to: ['ben'], parts: 2, mood: 'done', count: 2, atMs: 600 },
  { do: 'announce', to: ['ada', 'ben'], count: 1, atMs: 640 },
  { do: 'say', user: 'ben', tab: 0, to: ['ada'], parts: 1, mood: 'moody', count: 1, atMs: 660 },
  { do: 'say', user: 'ada', tab: 0, to: ['ben'], parts: 1, mood: 'refused', count: 1, atMs: 700 },
  { do: 'nudge', user: 'ben', tab: 0, to: ['ada'], atMs: 720 },
  { do: 'shut', atMs: 730 },
  { do: 'unshut', atMs: 1_100 },
  { do: 'say', user: 'ben', tab: 0, to: ['ada'], parts: 1, mood: 'done', count: 1, atMs: 1_600 },
];

const base: Plan = {
  seed: 'placed',
  users: ['ada', 'ben'],
  nodeCount: 2,
  keeps: true,
  retainedCount: 1_000,
  latencyMs: [5, 25],
  maxCount: 1_000,
  steps: deeds,
  healAtMs: 8_000,
};

const page = { user: 'ada', tab: 0 } as const;
const reader = { user: 'ben', tab: 0 } as const;

/** The day without any fault, cut off two seconds after it began: its steps are where faults are placed. */
export const uneventful: Plan = { ...base, healAtMs: 2_000 };

/** One of each kind of fault, and of its variants. */
export const placedFaults: readonly Fault[] = [
  { fault: 'reset', ...page },
  { fault: 'reset', ...reader },
  { fault: 'cut', ...page, for: 1_500 },
  { fault: 'cut by server', ...page, for: 1_500 },
  { fault: 'cut in a burst', ...reader, count: 1 },
  { fault: 'half-open', ...page, way: 'up' },
  { fault: 'half-open', ...page, way: 'down' },
  { fault: 'half-open', ...reader, way: 'both' },
  { fault: 'zombie', ...page, for: 1_000 },
  { fault: 'zombie', ...reader, for: 3_000 },
  { fault: 'stall', ...page, way: 'up', for: 3_000 },
  { fault: 'stall', ...reader, way: 'down', for: 3_000 },
  { fault: 'delay', ...page, way: 'up', for: 500 },
  { fault: 'offline', user: 'ada', for: 3_000 },
  { fault: 'sleep', ...page, for: 3_000 },
  { fault: 'suspend', ...reader, for: 2_000 },
  { fault: 'clock jump', ...page, ms: 3_600_000 },
  { fault: 'reload tab', ...page },
  { fault: 'reload tab', ...reader },
  { fault: 'close tab', ...page },
  { fault: 'duplicate tab', ...page },
  { fault: 'storage', user: 'ada', mood: 'slow', for: 3_000 },
  { fault: 'storage', user: 'ada', mood: 'full', for: 3_000 },
  { fault: 'storage', user: 'ada', mood: 'lazy', for: 3_000 },
  { fault: 'storage cleared', user: 'ada' },
  { fault: 'http', user: 'ben', mood: 'failing', for: 3_000 },
  { fault: 'http', user: 'ben', mood: 'hanging', for: 3_000 },
  { fault: 'stumble', ...reader, times: 1 },
  { fault: 'stumble', ...reader, times: 3 },
  { fault: 'crash', node: 0, for: 500 },
  { fault: 'crash', node: 1, for: 500 },
  { fault: 'drain', node: 0, for: 2_500 },
  { fault: 'crash at a call', node: 0, call: 'any', skipCount: 0, moment: 'before' },
  { fault: 'crash at a call', node: 0, call: 'any', skipCount: 0, moment: 'after' },
  { fault: 'crash at a call', node: 1, call: 'any', skipCount: 0, moment: 'after' },
  { fault: 'node freezes', node: 0, for: 3_000 },
  { fault: 'node freezes', node: 1, for: 3_000 },
  { fault: 'doorbells lost', node: 0, for: 3_000 },
  { fault: 'node clock jump', node: 0, ms: 60_000 },
  { fault: 'store', node: 0, mood: 'slow', for: 2_000 },
  { fault: 'store', node: 0, mood: 'failing', for: 300 },
  { fault: 'store', node: 1, mood: 'deaf', for: 300 },
  { fault: 'reused number', user: 'ada' },
  { fault: 'two sockets, one client', user: 'ada' },
  { fault: 'trim', user: 'ben', maxCount: 1 },
];

/** The plan with these faults, each before the so-manieth thing that happens. */
export const placedPlan = (
  ...placed: readonly { readonly fault: Fault; readonly atStep: number }[]
): Plan => ({
  ...base,
  seed: ['placed', ...placed.map(({ fault, atStep }) => `${placedFaults.indexOf(fault)}@${atStep}`)].join(
    ' ',
  ),
  steps: [...deeds, ...placed.map(({ fault, atStep }): Step => ({ ...fault, atStep }))],
});

/** The fault of this number in {@link placedFaults} at each step, or at every so-manieth. */
export function* singlesOf(index: number, stepCount: number, everyStep = 1): Generator<Plan> {
  const fault = placedFaults[index];
  if (fault === undefined) throw new RangeError(`There is no fault ${index}.`);
  for (let atStep = 1 + (index % everyStep); atStep <= stepCount; atStep += everyStep)
    yield placedPlan({ fault, atStep });
}

/** Pair number so-and-so: two faults, each drawn, each at a step that is drawn. */
export const pair = (number: number, stepCount: number): Plan => {
  const random = createRandom(`pair ${number}`);
  const draw = () => ({ fault: random.pick(placedFaults), atStep: random.between(1, stepCount) });
  return placedPlan(draw(), draw());
};
