import type { Scenario } from './scenarios.ts';
import type { Plan, Step } from './steps.ts';

const scenario = (name: string, steps: readonly Step[], changes: Partial<Plan> = {}): Scenario => ({
  name,
  plan: {
    seed: name,
    users: ['ada', 'ben'],
    nodeCount: 2,
    engine: 'postgres',
    keeps: true,
    retainedCount: 1_000,
    latencyMs: [5, 5],
    maxCount: 1_000,
    steps,
    healAtMs: 30_000,
    ...changes,
  },
});

/** Ada writes to Ben. */
const adaSays = (atMs: number, count = 1): Step => ({
  do: 'say',
  user: 'ada',
  tab: 0,
  to: ['ben'],
  parts: 1,
  mood: 'done',
  count,
  atMs,
});
const repliesLost = (atMs: number): readonly Step[] =>
  [0, 1].map((node) => ({ fault: 'requests', node, mishap: 'reply lost', count: 12, atMs }));

/** A short plan with one trouble of an engine in it, or of what nodes say to each other. */
export const engineScenarios: readonly Scenario[] = [
  scenario('three nodes and nothing happens', [adaSays(5_000, 2)], {
    nodeCount: 3,
    users: ['ada', 'ben', 'cyd'],
  }),
  scenario('a transaction is committed and its reply is lost', [...repliesLost(4_990), adaSays(5_000, 3)]),
  scenario('a script has run and its reply is lost', [...repliesLost(4_990), adaSays(5_000, 3)], {
    engine: 'redis',
  }),
  scenario('deadlocks', [
    ...[0, 1].map((node): Step => ({ fault: 'requests', node, mishap: 'deadlock', count: 4, atMs: 4_990 })),
    adaSays(5_000, 3),
  ]),
  scenario('another transaction has a slot', [
    { fault: 'slot held', user: 'ben', for: 3_000, atMs: 4_900 },
    adaSays(5_000, 3),
  ]),
  scenario('a database restarts', [
    adaSays(4_990, 3),
    { fault: 'store restarts', for: 2_000, atMs: 5_010 },
    adaSays(6_000, 3),
  ]),
  scenario('a database stands still for longer than a request waits', [
    adaSays(4_990, 3),
    { fault: 'store stands still', for: 11_000, atMs: 5_010 },
    adaSays(6_000, 3),
  ]),
  scenario('a database fails over and has lost its end', [
    adaSays(5_000, 5),
    { fault: 'store fails over', for: 1_000, count: 6, atMs: 6_000 },
    adaSays(9_000, 2),
  ]),
  scenario('nodes do not hear each other', [
    ...[0, 1].map((node): Step => ({ fault: 'channel lost', node, for: 20_000, atMs: 4_000 })),
    adaSays(5_000, 3),
  ]),
  scenario(
    'a disk is full',
    // Between the verdict and the fan-out.
    [adaSays(5_000), { fault: 'disk full', for: 4_000, atMs: 5_050 }],
    { engine: 'sqlite', nodeCount: 1 },
  ),
  scenario(
    'another program has the lock of the file',
    [{ fault: 'store stands still', for: 7_000, atMs: 4_900 }, adaSays(5_000, 3)],
    { engine: 'sqlite', nodeCount: 1 },
  ),
  scenario(
    'a gateway dies in a commit of its file',
    [
      { fault: 'crash at a call', node: 0, call: 'append', skipCount: 0, moment: 'after', atMs: 4_900 },
      adaSays(5_000, 3),
    ],
    { engine: 'sqlite', nodeCount: 1 },
  ),
];

export const engineScenarioOf = (name: string): Scenario => {
  const found = engineScenarios.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`There is no scenario "${name}".`);
  return found;
};
