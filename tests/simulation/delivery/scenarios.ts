import type { Mood } from './history.ts';
import type { Plan, Step } from './steps.ts';

/** A short plan with one trouble in it, told step by step. What it shows is in its name. */
export interface Scenario {
  readonly name: string;
  readonly plan: Plan;
}

/** One network and one gateway as steady as clockwork: what matters is said in the steps. */
const scenario = (name: string, steps: readonly Step[], changes: Partial<Plan> = {}): Scenario => ({
  name,
  plan: {
    seed: name,
    users: ['ada', 'ben'],
    nodeCount: 1,
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
const adaSays = (
  atMs: number,
  count = 1,
  { parts = 1, mood = 'done' as Mood, tab = 0 }: { parts?: number; mood?: Mood; tab?: number } = {},
): Step => ({ do: 'say', user: 'ada', tab, to: ['ben'], parts, mood, count, atMs });

/** Ada's next command that reaches the gateway kills it at that call. */
const diesAt = (call: 'append' | 'decide', atMs: number): Step => ({
  fault: 'crash at a call',
  node: 0,
  call,
  skipCount: 0,
  moment: 'after',
  atMs,
});
const offline = (user: string, atMs: number, ms: number): Step => ({ fault: 'offline', user, for: ms, atMs });

export const scenarios: readonly Scenario[] = [
  scenario('nothing happens', []),
  scenario('a command of two messages', [adaSays(5_000, 1, { parts: 2 })]),
  scenario('commands in a row', [adaSays(5_000), adaSays(7_000, 4)], { latencyMs: [5, 80] }),
  scenario('more than ten messages', [adaSays(5_000, 12)]),
  scenario('a command that is rejected', [adaSays(5_000, 1, { mood: 'refused' })]),
  scenario('a message that no schema lets in', [adaSays(5_000, 1, { mood: 'poison' }), adaSays(6_000)]),
  scenario('two tabs of one person', [
    { do: 'open tab', user: 'ada', atMs: 1_000 },
    adaSays(5_000, 1, { tab: 0 }),
    adaSays(6_000, 1, { tab: 1 }),
  ]),
  scenario('a gateway dies between verdict and fan-out', [diesAt('decide', 4_000), adaSays(5_000)]),
  scenario('a gateway dies in the middle of a fan-out, and the app shuts', [
    diesAt('append', 4_000),
    adaSays(5_000, 1, { mood: 'moody' }),
    { do: 'shut', atMs: 5_090 },
  ]),
  scenario('a gateway dies before a fan-out, and its page and storage are gone', [
    diesAt('decide', 4_000),
    adaSays(5_000),
    { fault: 'close tab', user: 'ada', tab: 0, atMs: 5_500 },
    { fault: 'storage cleared', user: 'ada', atMs: 5_550 },
  ]),
  scenario('a gateway dies between publishing a row and noting it', [
    diesAt('append', 4_000),
    { do: 'announce', to: ['ada', 'ben'], count: 1, atMs: 5_000 },
  ]),
  scenario('a command is thrown away before it was sent', [
    offline('ada', 4_000, 5_000),
    { fault: 'reset', user: 'ada', tab: 0, atMs: 4_001 },
    adaSays(5_000, 2),
    { do: 'discard', user: 'ada', tab: 0, atMs: 6_000 },
  ]),
  scenario('a page is reloaded before the receipt comes', [
    adaSays(5_000),
    { fault: 'half-open', user: 'ada', tab: 0, way: 'down', atMs: 5_001 },
    { fault: 'reload tab', user: 'ada', tab: 0, atMs: 7_000 },
  ]),
  scenario('a reloaded page hears no WELCOME for a while', [
    adaSays(5_000),
    { fault: 'half-open', user: 'ada', tab: 0, way: 'down', atMs: 5_001 },
    { fault: 'reload tab', user: 'ada', tab: 0, atMs: 7_000 },
    { fault: 'stall', user: 'ada', tab: 0, way: 'down', after: 1, for: 5_000, atMs: 7_001 },
  ]),
  scenario('a page is reloaded while its storage does not answer', [
    { fault: 'storage', user: 'ada', mood: 'lazy', for: 1_000, atMs: 4_500 },
    adaSays(5_000),
    { fault: 'half-open', user: 'ada', tab: 0, way: 'down', atMs: 5_001 },
    { fault: 'reload tab', user: 'ada', tab: 0, atMs: 5_300 },
  ]),
  scenario(
    'a page is gone and half forgotten, and its socket still at work',
    [
      { fault: 'storage', user: 'ada', mood: 'full', for: 500, atMs: 4_900 },
      adaSays(5_000, 5),
      adaSays(6_000),
      { fault: 'reload tab', user: 'ada', tab: 0, atMs: 6_400 },
    ],
    { latencyMs: [5, 600], healAtMs: 60_000 },
  ),
  scenario('a page has room for some of its messages, and is disconnected beside another tab', [
    { do: 'open tab', user: 'ada', atMs: 1_000 },
    { fault: 'stall', user: 'ada', tab: 0, way: 'up', for: 30_000, atMs: 4_000 },
    adaSays(4_500, 2),
    { fault: 'storage', user: 'ada', mood: 'full', for: 300, atMs: 4_800 },
    adaSays(5_000, 2),
    adaSays(5_500),
    { do: 'disconnect', user: 'ada', tab: 0, atMs: 6_000 },
    { do: 'connect', user: 'ada', tab: 0, atMs: 9_000 },
  ]),
  scenario(
    'a receipt does not come for as long as a command may wait',
    [
      adaSays(5_000),
      { fault: 'half-open', user: 'ada', tab: 0, way: 'down', atMs: 5_001 },
      offline('ada', 6_000, 130_000),
    ],
    { healAtMs: 150_000 },
  ),
  scenario(
    'a reload fails',
    [
      offline('ben', 3_000, 6_000),
      adaSays(5_000, 5),
      { fault: 'http', user: 'ben', mood: 'failing', for: 5_000, atMs: 8_000 },
      adaSays(25_000),
    ],
    { retainedCount: 3 },
  ),
  scenario('a shard loses its tail and grows again as far', [
    adaSays(5_000, 2),
    offline('ben', 8_000, 8_000),
    { fault: 'tail lost', user: 'ben', count: 2, atMs: 9_000 },
    adaSays(10_000, 2),
  ]),
  scenario('a shard loses its tail under a page that follows it', [
    adaSays(5_000, 2),
    { fault: 'tail lost', user: 'ben', count: 1, atMs: 10_000 },
    adaSays(12_000, 1),
  ]),
  scenario(
    'a store answers from the oldest message that it still knows',
    [{ fault: 'store guesses', user: 'ben', atMs: 2_000 }, offline('ben', 3_000, 6_000), adaSays(5_000, 5)],
    { retainedCount: 2 },
  ),
  scenario('a store fails for a moment', [
    adaSays(5_000, 2),
    { fault: 'store', node: 0, mood: 'failing', for: 10, atMs: 5_025 },
  ]),
  scenario(
    'a store is sluggish',
    [{ fault: 'store', node: 0, mood: 'sluggish', for: 50_000, atMs: 4_000 }, adaSays(5_000, 8)],
    { healAtMs: 60_000 },
  ),
  scenario(
    'what was sent on the old socket comes after the new one is at work',
    [adaSays(5_000), { fault: 'zombie', user: 'ada', tab: 0, for: 4_000, atMs: 5_080 }, adaSays(12_000)],
    { latencyMs: [50, 50] },
  ),
  scenario('a page comes back with a full outbox', [
    offline('ada', 3_000, 10_000),
    { fault: 'reset', user: 'ada', tab: 0, atMs: 3_001 },
    adaSays(5_000, 20),
  ]),
  scenario('somebody comes online while a page resumes', [
    { fault: 'reset', user: 'ada', tab: 0, atMs: 5_000 },
    ...Array.from(
      { length: 40 },
      (_, index): Step => ({ do: 'nudge', user: 'ben', tab: 0, to: ['ada'], atMs: 5_000 + 20 * index }),
    ),
  ]),
  scenario('volatile messages come faster than a page reads', [
    { fault: 'stall', user: 'ada', tab: 0, way: 'down', for: 8_000, atMs: 5_000 },
    ...Array.from(
      { length: 40 },
      (_, index): Step => ({ do: 'nudge', user: 'ben', tab: 0, to: ['ada'], atMs: 5_000 + 100 * index }),
    ),
  ]),
  scenario('a long log is resumed', [offline('ben', 3_000, 10_000), adaSays(5_000, 40)]),
  scenario('a number is used again', [{ fault: 'reused number', user: 'ada', atMs: 5_000 }]),
  scenario(
    'a plain server',
    [adaSays(5_000), { fault: 'reset', user: 'ada', tab: 0, atMs: 8_000 }, adaSays(12_000)],
    {
      plain: 'silent',
    },
  ),
  scenario(
    'a plain server with a WELCOME of its own',
    [adaSays(5_000), { fault: 'reset', user: 'ada', tab: 0, atMs: 8_000 }, adaSays(12_000)],
    { plain: 'own welcome' },
  ),
];

/** @throws {Error} for a name that is none. */
export const scenarioOf = (name: string): Scenario => {
  const found = scenarios.find((each) => each.name === name);
  if (found === undefined) throw new Error(`There is no scenario "${name}".`);
  return found;
};
