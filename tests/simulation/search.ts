import type { ConnectionSettings } from 'statesocket/machines';
import type { InspectionEvent } from 'xstate';
import { type Move, movesOf } from './adversary.ts';
import { type Implementation, Violation } from './implementation.ts';
import { checkPassage, type SearchRules, type World } from './invariants.ts';
import { APP_VERDICTS, inSocket, isWatched, type Leaf, type Situation } from './policy.ts';
import { type ChartSnapshot, createPureChart, type Effect } from './pure-chart.ts';

/** The constants of one search. What is not named here has its real value. */
export interface SearchConstants {
  readonly maxRetries: number;
  readonly budgetCount: number;
  readonly stableAfterMs: number;
  readonly spreadMs: number;
}

/** The constants that users get. */
export const REAL: SearchConstants = {
  maxRetries: 20,
  budgetCount: 10,
  stableAfterMs: 5_000,
  spreadMs: 2_000,
};
/** Small enough for every run of the tests: the two counters are cut, nothing else. */
export const SMALL: SearchConstants = { ...REAL, maxRetries: 2, budgetCount: 3 };

/** Smaller still: for what is searched many times. */
export const TINY: SearchConstants = { ...REAL, maxRetries: 1, budgetCount: 2 };
/** A socket is stable on open, and a restart is not spread. */
export const AT_ONCE: SearchConstants = { ...TINY, stableAfterMs: 0, spreadMs: 0 };

export interface Found {
  readonly keyOf: (situation: Situation) => string;
  readonly stateCount: number;
  /** Steps taken, forged ones included. */
  readonly stepCount: number;
  readonly forgedCount: number;
  /** The longest of the shortest ways to a state. */
  readonly depth: number;
  readonly leaves: ReadonlySet<Leaf>;
  /** One shortest way to each state, in the order found. */
  readonly ways: () => Iterable<{ readonly situation: Situation; readonly moves: readonly Move[] }>;
}

export interface SearchOptions {
  readonly inspect?: (event: InspectionEvent) => void;
  /** Tells users apart by name, and keeps what is never read again; for the proof that neither matters. */
  readonly unreduced?: boolean;
}

/** The innermost name of a region: `{ watched: 'alive' }` is alive. */
const innermost = (value: unknown): string =>
  typeof value === 'object' && value !== null ? innermost(Object.values(value)[0]) : String(value);

const leafOf = ({ value }: ChartSnapshot): Leaf => {
  const inner = typeof value === 'object' && 'socket' in value ? value.socket : value;
  if (typeof inner === 'string' || !('open' in inner)) return innermost(inner) as Leaf;
  const { stability, liveness } = inner.open as { stability: unknown; liveness: unknown };
  return `${innermost(stability)}.${innermost(liveness)}` as Leaf;
};

export const situationOf = (snapshot: ChartSnapshot): Situation => {
  const { context } = snapshot;
  return {
    leaf: leafOf(snapshot),
    userId: context.userId,
    retryCount: context.retryCount,
    budget: context.connectBudget,
    online: context.online,
    doubtCount: context.doubtCount,
    minDelayMs: context.minDelayMs,
    nextReason: context.nextTokenReason,
    reason: context.tokenReason,
    canAsk: context.canAsk,
    hasAnswered: context.hasAnswered,
    muteCount: context.muteCount,
  };
};

/** Doubt is compared with 2 and set to 0, nothing else: what is above 2 acts as 2 does. */
const MAX_DOUBT = 2;

/**
 * Two situations with one key have the same future. Left out is what is written before it is read again (the reason of
 * an attempt that is over, whether a gone socket could be asked and has answered, the count of who is suspended, all but
 * budget and network where nobody is logged in), and the user's name, which is only ever compared.
 */
const keyOf = (now: Situation, unreduced: boolean): string => {
  const { leaf, retryCount, budget, online, minDelayMs, nextReason, muteCount } = now;
  // It has no future.
  if (leaf === 'disposed') return leaf;
  const doubt = Math.min(MAX_DOUBT, now.doubtCount);
  const token = `${doubt} ${minDelayMs} ${nextReason} ${muteCount}`;
  if (unreduced) {
    const { reason, canAsk, hasAnswered, userId } = now;
    return [leaf, retryCount, budget, online, token, reason, canAsk, hasAnswered, userId].join(' ');
  }
  if (now.userId === null) return `${leaf} ${budget} ${online}`;
  const count = leaf === 'suspended' ? '' : retryCount;
  const attempt = inSocket(leaf) ? now.reason : '';
  const asks = isWatched(leaf) ? `${now.canAsk} ${now.canAsk && now.hasAnswered}` : '';
  return [leaf, count, budget, online, token, attempt, asks].join(' ');
};

const wait = (pending: ReadonlyMap<string, number>, fired: string, effects: readonly Effect[]) => {
  const next = new Map(pending);
  next.delete(fired);
  for (const effect of effects) {
    if (effect.type === 'timer') next.set(effect.id, effect.delayMs);
    else if (effect.type === 'cancel') next.delete(effect.id);
  }
  return next;
};

class ClockWasRead extends Error {}

/** Runs `work` with every clock and every randomness of the platform locked (I18). */
const withoutClock = <T>(work: () => T): T => {
  const locks = [
    [Date, 'now'],
    [performance, 'now'],
    [Math, 'random'],
  ] as const;
  const restores = locks.map(([holder, name]) => {
    const before = Object.getOwnPropertyDescriptor(holder, name);
    Object.defineProperty(holder, name, {
      configurable: true,
      value: () => {
        throw new ClockWasRead(`the chart reads ${name}()`);
      },
    });
    return () =>
      before === undefined
        ? Reflect.deleteProperty(holder, name)
        : Object.defineProperty(holder, name, before);
  });
  try {
    return work();
  } finally {
    for (const restore of restores) restore();
  }
};

const settingsOf = ({
  maxRetries,
  stableAfterMs,
  spreadMs,
}: SearchConstants): Partial<ConnectionSettings> => ({
  maxRetries,
  stableAfterMs,
  backoff: Object.assign((retry: number) => retry * 100, { spreadMs }),
  random: () => 0.5,
  classifyClose: ({ code }) => APP_VERDICTS[code as keyof typeof APP_VERDICTS],
});

interface Node {
  readonly situation: Situation;
  readonly parent: number;
  readonly move: Move | null;
  readonly depth: number;
  /** Dropped once every move was tried. */
  world: World | null;
}

/**
 * Breadth-first over the real machine and everything the world may do to it, until no new state is found. Every rule is
 * checked at every step.
 *
 * @throws {Violation} with the shortest way that leads to it.
 */
export const search = (
  { connectionMachine }: Pick<Implementation, 'connectionMachine'>,
  constants: SearchConstants,
  { inspect, unreduced = false }: SearchOptions = {},
): Found => {
  const chart = createPureChart(connectionMachine, inspect);
  const rules: SearchRules = { ...constants, backoffMs: (retry) => retry * 100 };
  const nodes: Node[] = [];
  const known = new Set<string>();
  let forgedCount = 0;
  let stepCount = 0;

  const visit = (world: World, parent: number, move: Move | null): void => {
    const key = keyOf(world.situation, unreduced);
    if (known.has(key)) return;
    known.add(key);
    const depth = (nodes[parent]?.depth ?? -1) + 1;
    nodes.push({ situation: world.situation, parent, move, depth, world });
  };
  const movesTo = (index: number): Move[] => {
    const moves: Move[] = [];
    for (let node = nodes[index]; node?.move; node = nodes[node.parent]) moves.push(node.move);
    return moves.reverse();
  };
  const broken = (cause: unknown, index: number, move: Move): Violation => {
    const way = [...movesTo(index), move].map(({ name }) => name).join(' → ');
    const message = cause instanceof Error ? cause.message.replace(/^I\d+: |^policy: /, '') : String(cause);
    if (cause instanceof Violation) return new Violation(cause.rule, `${message}\nby ${way}`);
    return new Violation(cause instanceof ClockWasRead ? 'I18' : 'I16', `${message}\nby ${way}`);
  };
  const take = (before: World, move: Move, index: number): void => {
    try {
      const { snapshot, effects } = chart.step(before.snapshot, move.event);
      const after: World = {
        snapshot,
        situation: situationOf(snapshot),
        pending:
          move.kind === 'timer' || effects.length > 0
            ? wait(before.pending, move.event.type, effects)
            : before.pending,
        refundCount:
          before.refundCount -
          (move.kind === 'refund' ? 1 : 0) +
          effects.filter(({ type }) => type === 'later').length,
      };
      stepCount += 1;
      if (move.kind === 'forged') forgedCount += 1;
      checkPassage({ before, move, after, effects }, rules);
      visit(after, index, move);
    } catch (cause) {
      throw broken(cause, index, move);
    }
  };

  withoutClock(() => {
    const { snapshot } = chart.start(settingsOf(constants));
    const context = { ...snapshot.context, connectBudget: constants.budgetCount };
    const started = { ...snapshot, context } as ChartSnapshot;
    visit(
      { snapshot: started, situation: situationOf(started), pending: new Map(), refundCount: 0 },
      -1,
      null,
    );
    for (let index = 0; index < nodes.length; index += 1) {
      const node = nodes[index];
      if (!node?.world) continue;
      const { situation, pending, refundCount } = node.world;
      for (const move of movesOf(situation, pending, refundCount)) take(node.world, move, index);
      node.world = null;
    }
  });

  return {
    keyOf: (situation) => keyOf(situation, false),
    stateCount: nodes.length,
    stepCount,
    forgedCount,
    depth: Math.max(...nodes.slice(-1).map(({ depth }) => depth)),
    leaves: new Set(nodes.map(({ situation }) => situation.leaf)),
    *ways() {
      for (const [index, { situation }] of nodes.entries()) yield { situation, moves: movesTo(index) };
    },
  };
};
