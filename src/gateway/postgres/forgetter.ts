import type { Requests } from './requests.ts';

/** How many users are looked at in one step, how long it rests between two, and between two rounds, in ms. */
const USERS_AT_ONCE_COUNT = 50;
const STEP_MS = 200;
const ROUND_MS = 10_000;

/** Forgets what is too old of all users, in the background, a few at a time. */
export interface Forgetter {
  stop(): Promise<void>;
}

/**
 * Several processes may do it at once: each does a part, and a slot that is in use is left for the next round.
 *
 * @param options.step Forgets what is too old of the next users after a name. Returns the last of them, or null.
 */
export const createForgetter = (options: {
  readonly step: (after: string | null, mostCount: number) => Promise<string | null>;
}): Forgetter => {
  let after: string | null = null;
  let timer: NodeJS.Timeout;
  let stepping: Promise<void> = Promise.resolve();
  let isStopped = false;
  const goOnAfter = (ms: number) => {
    if (isStopped) return;
    timer = setTimeout(() => {
      stepping = options
        .step(after, USERS_AT_ONCE_COUNT)
        .then(
          (reached) => {
            after = reached;
          },
          () => {}, // what is too old waits for the next step; the calls beside it tell of the store
        )
        .then(() => goOnAfter(after === null ? ROUND_MS : STEP_MS));
    }, ms);
    timer.unref();
  };
  goOnAfter(STEP_MS);
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await stepping;
    },
  };
};

/** The step in the database. */
export const forgetStep =
  (options: {
    readonly requests: Requests;
    readonly quoted: string;
    readonly maxAgeMs: number;
    readonly ageNow: () => number;
    readonly started: () => Promise<unknown>;
  }) =>
  async (after: string | null, mostCount: number): Promise<string | null> => {
    await options.started();
    const [row] = await options.requests.send(
      `SELECT ${options.quoted}.forget_1($1, $2, $3, $4) AS reached`,
      [after, mostCount, options.ageNow(), options.maxAgeMs],
    );
    return row?.reached === null || row === undefined ? null : String(row.reached);
  };
