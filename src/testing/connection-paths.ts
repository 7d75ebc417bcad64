import { connectionMachine } from '../../machines/index.ts';
import { createChartCoverage } from './chart-coverage.ts';
import { type EventSequence, findPaths, findPathsToStable, findPathsWithoutBudget } from './find-paths.ts';
import { PATH_OPTIONS, type PathEvent, type PathOptions } from './path-events.ts';
import { describeEvent, describePath, describeState } from './path-words.ts';
import { type PathStep, type Walk, walkPath } from './walk-path.ts';

type Maybe<T> = T | Promise<T>;

/** What a path needs of the app it runs against. */
export interface PathDriver {
  /** Makes an event happen. `createScenario().fires` is one; a real server, or `connection.actor.send`, may be others. */
  fires(event: Exclude<PathEvent, { type: 'time.passes' }>): Maybe<unknown>;
  /** Lets time pass, on the clock that the connection was given. */
  passes(ms: number): Maybe<unknown>;
  /** The public status, as your app shows it. */
  status(): Maybe<string | null>;
  /** Called after each step, once the status was found right: the place for your own expectations. */
  checks?(step: PathStep): Maybe<unknown>;
}

/** A way through the chart of a connection. */
export interface ConnectionPath {
  /** Human-readable: what happens, and the status at the end. */
  readonly title: string;
  /** What the connection must be made with for the path to come true. */
  readonly options: PathOptions;
  readonly steps: readonly PathStep[];
  /** The transitions of the chart that it takes, as the statechart's page lists them. */
  readonly transitions: readonly string[];
  /**
   * Takes the steps one by one.
   *
   * @throws {Error} when the status after a step is another than the chart says; what a driver throws goes through.
   */
  run(driver: PathDriver): Promise<void>;
}

interface Found extends Walk {
  readonly options: PathOptions;
}

/** Shortest first, those that take a transition which none before them took. */
const keepNews = (candidates: readonly [EventSequence, PathOptions][], missing: Set<string>): Found[] =>
  candidates.flatMap(([events, options]) => {
    if (missing.size === 0) return [];
    const walk = walkPath(events, options);
    if (walk === null || !walk.taken.some((name) => missing.has(name))) return [];
    for (const name of walk.taken) missing.delete(name);
    return [{ ...walk, options }];
  });

/** Leaves out what longer paths take anyway. */
const leaveOutRepeats = (found: readonly Found[]): readonly Found[] => {
  const takenCount = new Map<string, number>();
  const count = (names: readonly string[], by: number) => {
    for (const name of names) takenCount.set(name, (takenCount.get(name) ?? 0) + by);
  };
  for (const { taken } of found) count(taken, 1);
  return found.filter(({ taken }) => {
    const repeats = taken.every((name) => (takenCount.get(name) ?? 0) > 1);
    if (repeats) count(taken, -1);
    return !repeats;
  });
};

/** Whether a transition ends the connection for good. */
const isEnd = (name: string): boolean => name.includes('user.dispose');

const byLength = (
  sequences: readonly EventSequence[],
  options: PathOptions,
): [EventSequence, PathOptions][] =>
  [...sequences].sort((a, b) => a.length - b.length).map((events) => [events, options]);

const run = async (title: string, steps: readonly PathStep[], driver: PathDriver): Promise<void> => {
  for (const [index, step] of steps.entries()) {
    if (step.event.type === 'time.passes') await driver.passes(step.event.ms);
    else await driver.fires(step.event);
    const status = await driver.status();
    if (status !== step.status) {
      throw new Error(
        `${title}\nAfter step ${index + 1} of ${steps.length} (${describeEvent(step.event)}) the status is ${status}; the chart says ${step.status} (${describeState(step.state)}).`,
      );
    }
    await driver.checks?.(step);
  }
};

/**
 * Event paths through the real chart that together take each of its transitions, `always` and `after` included, and so
 * enter each of its states; all but the end, `dispose()`, of which an app is told nothing.
 *
 * Run them against your own app in your own runner: whatever order events may come in, what the app shows must be what the
 * chart says. Found with `xstate/graph` and walked in virtual time; the result is the same each time, takes about a second, and
 * grows with the chart.
 *
 * Liveness is told by events (`frame.silent`), since `heartbeat` is false in `options`. No path checks what messages do.
 *
 * @throws {Error} when a transition of the chart cannot be reached: a defect of statesocket.
 * @example
 * for (const path of connectionPaths()) {
 *   test(path.title, () => {
 *     const { connection, clock, fires } = createScenario(path.options);
 *     return path.run({ fires, passes: clock.passes, status: () => connection.status });
 *   });
 * }
 */
export const connectionPaths = (): readonly ConnectionPath[] => {
  const stableAtOnce = { ...PATH_OPTIONS, stableAfterMs: 0 };
  const missing = new Set(
    createChartCoverage(connectionMachine)
      .all()
      .filter((name) => !isEnd(name)),
  );
  const found = keepNews(
    [
      ...byLength(findPaths(PATH_OPTIONS), PATH_OPTIONS),
      ...byLength(findPathsWithoutBudget(PATH_OPTIONS), PATH_OPTIONS),
      ...byLength(findPathsToStable(stableAtOnce), stableAtOnce),
    ],
    missing,
  );
  if (missing.size > 0) {
    throw new Error(`No path takes these transitions of the chart: ${[...missing].join('; ')}`);
  }
  return leaveOutRepeats(found).map(({ steps, taken, options }) => {
    const title = `${describePath(steps)}${options.stableAfterMs === 0 ? ' (stableAfterMs is 0)' : ''}`;
    return { title, options, steps, transitions: taken, run: (driver) => run(title, steps, driver) };
  });
};
