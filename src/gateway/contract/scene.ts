import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { EMPTY_POSITION } from '../../protocol/extension.ts';
import type { Decision } from '../engine/decisions.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineOptions, Retention } from '../engine/retention.ts';

/** How the suite gets engines. */
export interface ContractOptions {
  /**
   * Makes an engine on a store that is empty. It takes `now`, and `retention` where it is given. The suite closes it.
   */
  readonly open: (options: EngineOptions) => Engine | Promise<Engine>;
  /**
   * Makes another engine on the store of the one that was opened last, as another process would have it. The suite closes it. Leave it
   * out where one process alone can have the store: the cases of several nodes then play on one engine.
   */
  readonly openBeside?: (options: EngineOptions) => Engine | Promise<Engine>;
}

/** What a case has. */
export interface Scene {
  readonly engine: Engine;
  /** The wall clock of the engine, in epoch ms. */
  readonly clock: { ms: number };
  /** Another engine on the same store, or the same one. */
  beside(): Promise<Engine>;
  /** Days on which somebody writes: a step of more than one day counts as one. */
  passDays(count: number): Promise<void>;
  /** All texts in a log; undefined where its begin is gone. */
  textsOf(userId: string): Promise<readonly string[] | undefined>;
}

/** One promise of an engine. `run` rejects with what is wrong. */
export interface ContractCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** A case before it is known whose engine it is about. */
export interface CaseOf {
  readonly name: string;
  readonly play: (options: ContractOptions) => Promise<void>;
}

export const DAY_MS = 24 * 60 * 60 * 1000;

/** The text of a message. */
export const text = (n: number | string): string => JSON.stringify({ type: 'NEW_MESSAGE', n });

export const done = (n: number, publications: Decision['publications'] = []): Decision => ({
  n,
  key: `key ${n}`,
  verdict: 'done',
  publications,
});

export const rejected = (n: number, code: string): Decision => ({
  n,
  key: `key ${n}`,
  verdict: { rejected: code },
  publications: [],
});

/** Counts how often it rings. */
export const createBell = () => {
  const bell = {
    count: 0,
    ring: () => {
      bell.count += 1;
    },
  };
  return bell;
};

const EVENTUALLY_MS = 10_000;
const LOOK_EVERY_MS = 5;

/** Waits until the check passes. Rejects with what is wrong when it has not for 10 s. */
export const eventually = async (
  check: () => void | Promise<void>,
  waitMs = EVENTUALLY_MS,
): Promise<void> => {
  for (const startedAt = performance.now(); ; await sleep(LOOK_EVERY_MS)) {
    try {
      return await check();
    } catch (wrong) {
      if (performance.now() - startedAt > waitMs) throw wrong;
    }
  }
};

type Play = (scene: Scene) => Promise<void>;

const playOn = async (options: ContractOptions, retention: Retention | undefined, play: Play) => {
  const clock = { ms: 1_000_000 };
  const engineOptions = { now: () => clock.ms, ...(retention && { retention }) };
  const engine = await options.open(engineOptions);
  const opened = new Set([engine]);
  try {
    await play({
      engine,
      clock,
      async beside() {
        const other = options.openBeside === undefined ? engine : await options.openBeside(engineOptions);
        opened.add(other);
        return other;
      },
      async passDays(count) {
        for (let day = 1; day <= count; day += 1) {
          clock.ms += DAY_MS;
          await engine.append('somebody', [text('another day')]);
        }
      },
      textsOf: async (userId) =>
        (await engine.readAfter(userId, EMPTY_POSITION, 1_000))?.map((entry) => entry.text),
    });
  } finally {
    for (const one of opened) await one.close();
  }
};

/** Says what an engine does, on an empty store. */
export function contractCase(name: string, play: Play): CaseOf;
export function contractCase(name: string, retention: Retention, play: Play): CaseOf;
export function contractCase(name: string, retention: Retention | Play, play?: Play): CaseOf {
  return {
    name,
    play: (options) =>
      typeof retention === 'function'
        ? playOn(options, undefined, retention)
        : playOn(options, retention, play ?? (() => assert.fail('A case has nothing to play.'))),
  };
}
