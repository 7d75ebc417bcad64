import { calmChecker } from './checkers/calm.ts';
import { commandChecker } from './checkers/commands.ts';
import { nodeChecker } from './checkers/nodes.ts';
import { pageChecker } from './checkers/pages.ts';
import { plainChecker } from './checkers/plain.ts';
import type { Breach, Checker } from './checkers/violation.ts';
import { wireChecker } from './checkers/wire.ts';
import { MAX_BUFFERED_BYTES } from './gateway-node.ts';
import type { History } from './history.ts';
import { original, type Parts } from './parts.ts';
import { createRandom } from './random.ts';
import { rehearse } from './rehearsal.ts';
import { promisesSettle } from './scheduler.ts';
import { withSeededCrypto } from './seeded-crypto.ts';
import type { Plan, Step } from './steps.ts';
import { takeStep } from './take-step.ts';
import { createWorld, type World } from './world.ts';

/** What a run came to. */
export interface Outcome {
  readonly history: History;
  readonly breaches: readonly Breach[];
  readonly stepCount: number;
  /** How many things had happened when faults stopped. */
  readonly stepCountAtHeal: number;
}

const checkers: readonly Checker[] = [
  commandChecker,
  pageChecker,
  calmChecker,
  wireChecker({ maxBufferedBytes: MAX_BUFFERED_BYTES }),
  nodeChecker,
];
const plainCheckers: readonly Checker[] = [
  plainChecker,
  calmChecker,
  wireChecker({ maxBufferedBytes: MAX_BUFFERED_BYTES }),
];

/** How long after the last fault a run may go on, in ms; what is not calm by then is stuck. */
const PATIENCE_MS = 300_000;
/** Calm must last this long: a heartbeat of the gateway, and some. */
const AFTERGLOW_MS = 15_000;
const LOOK_EVERY_MS = 1_000;
/** By then a sender whose gateway has died has noticed it and is back, so that what was partially fanned out is told. */
const PARTIAL_FAN_OUT_MS = 60_000;
/** More than any run needs: a world that goes round in circles ends here. */
const MAX_STEPS_COUNT = 200_000;

const isCalm = ({ plan, app, pages, shards }: World): boolean =>
  app.publishedCount === app.announcements.length &&
  pages.every(
    (page) =>
      page.connection.status === 'open' &&
      page.connection.delivery.getSnapshot().status === (plan.plain === undefined ? 'live' : 'plain') &&
      page.waitingCount === 0 &&
      page.hasAll(shards.logOf(page.user)),
  );

/** Whether a decision waits to be told. Where its shard has lost a tail, that may be all that is lost: it waits in vain. */
const isPartiallyFannedOut = async ({ plan, shards }: World): Promise<boolean> => {
  if (plan.plain !== undefined) return false;
  const waiting = await Promise.all(plan.users.map((user) => shards.engine.unfanned(user)));
  return waiting.flat().length > 0;
};

/** From now on nothing fails. Links that are dead stay so: whoever is on them has to find out. */
const heal = (world: World): void => {
  const { plan, nodes, pages, app } = world;
  world.history.add({ what: 'healed' });
  app.isOpen = true;
  world.httpMoods.clear();
  world.model.heal();
  for (const user of plan.users) {
    world.browserOf(user).behave('well');
    const own = pages.filter((page) => page.user === user);
    // A page whose storage failed has given it up: what is in there waits for the next page.
    if (own.length === 0 || own.some((page) => page.hasGivenUpStorage)) world.openTab(user);
  }
  nodes.forEach((node, index) => {
    world.startNode(index);
    if (node === null) return;
    node.store.behave('well');
    node.store.ring(true);
    node.store.disarm();
  });
  for (const page of pages) {
    page.unhang();
    if (page.connection.userId === null) page.connect();
    else if (page.connection.status === 'failed') page.retry();
  }
};

const atStepOf = (step: Step): number => ('atStep' in step ? step.atStep : Number.POSITIVE_INFINITY);

/** Plays a plan and judges what came of it. The same plan gives the same history. */
export const run = (plan: Plan, parts: Parts = original): Promise<Outcome> =>
  withSeededCrypto(createRandom(`${plan.seed}/crypto`), async () => {
    const { stackTraceLimit } = Error;
    // Errors are many here, and nobody reads where they were made.
    Error.stackTraceLimit = 0;
    try {
      return await play(plan, parts);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  });

const play = async (plan: Plan, parts: Parts): Promise<Outcome> => {
  const world = createWorld(plan, parts);
  const { scheduler, history, pages } = world;
  for (let index = 0; index < plan.nodeCount; index += 1) world.startNode(index);
  for (const user of plan.users) world.openTab(user);
  for (const step of plan.steps)
    if ('atMs' in step) scheduler.after(step.atMs, () => void takeStep(world, step));
  const placed = plan.steps.filter((step) => 'atStep' in step).sort((a, b) => atStepOf(a) - atStepOf(b));

  const playTo = async (untilMs: number) => {
    await promisesSettle();
    while (scheduler.stepCount < MAX_STEPS_COUNT) {
      for (
        let next = placed[0];
        next !== undefined && atStepOf(next) <= scheduler.stepCount;
        next = placed[0]
      ) {
        placed.shift();
        takeStep(world, next);
        await promisesSettle();
      }
      if (!scheduler.step(untilMs)) break;
      await promisesSettle();
    }
    scheduler.passTo(untilMs);
  };

  await playTo(plan.healAtMs);
  const stepCountAtHeal = scheduler.stepCount;
  placed.length = 0;
  heal(world);
  let calmAfterMs: number | null = null;
  let isRehearsed = false;
  while (calmAfterMs === null && scheduler.nowMs < plan.healAtMs + PATIENCE_MS) {
    await playTo(scheduler.nowMs + LOOK_EVERY_MS);
    if (!isCalm(world)) continue;
    const sinceMs = scheduler.nowMs - plan.healAtMs;
    if (sinceMs < PARTIAL_FAN_OUT_MS && (await isPartiallyFannedOut(world))) continue;
    if (!isRehearsed) await rehearse(world, playTo);
    isRehearsed = true;
    await playTo(scheduler.nowMs + AFTERGLOW_MS);
    // What was decided and not told yet may have come meanwhile.
    if (isCalm(world)) calmAfterMs = sinceMs;
  }
  history.add({
    what: 'end',
    calmAfterMs,
    pages: pages.map((page) => ({
      page: page.name,
      status: page.connection.status,
      delivery: page.connection.delivery.getSnapshot().status,
      waiting: page.waitingCount,
    })),
  });
  for (const page of pages) page.connection.dispose();

  return {
    history,
    breaches: (plan.plain === undefined ? checkers : plainCheckers).flatMap(({ check }) =>
      check(history.records),
    ),
    stepCount: scheduler.stepCount,
    stepCountAtHeal,
  };
};
