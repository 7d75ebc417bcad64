/** Connections that a server ends in many ways, and what became of each. */
import { createConnection } from 'statesocket';

/** One socket: how the server ends it, and whether the connection is stable by then. */
export interface Ending {
  readonly url: string;
  readonly isStable: boolean;
}

/** What became of a connection. */
export interface Outcome {
  readonly status: string;
  readonly state: string;
  readonly code: number | null;
  readonly wasClean: boolean | null;
  readonly minDelayMs: number;
  /** What each token was asked for. */
  readonly reasons: readonly string[];
}

/** Longer than any test: nobody dials out of a wait. */
const NEVER_MS = 600_000;
const LANE_COUNT = 6;
/** So long an end may take that is none. */
const LIMIT_MS = 4_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const outcomeOf = async ({ url, isStable }: Ending): Promise<Outcome> => {
  const reasons: string[] = [];
  const connection = createConnection({
    url,
    getToken({ reason }) {
      reasons.push(reason);
      return 'a-token';
    },
    stableAfterMs: isStable ? 50 : NEVER_MS,
    backoff: Object.assign(() => NEVER_MS, { spreadMs: NEVER_MS }),
    heartbeat: false,
  });
  // Refusals are what is tried here.
  connection.onError(() => {});
  let hasAsked = false;
  const ended = new Promise<void>((resolve) => {
    connection.actor.subscribe((chart) => {
      if (chart.context.lastEnd !== null) resolve();
      if (hasAsked || !JSON.stringify(chart.value).includes('"stability":"stable"')) return;
      hasAsked = true;
      connection.send({ type: 'NOW' });
    });
  });
  connection.connect({ userId: 'ada' });
  await Promise.race([ended, pause(LIMIT_MS)]);
  // A connection that dials in a loop, or at once, is seen by then.
  await pause(400);
  const { status, lastEnd } = connection.getSnapshot();
  const { value, context } = connection.actor.getSnapshot();
  connection.dispose();
  return {
    status,
    state: JSON.stringify(value),
    code: lastEnd?.code ?? null,
    wasClean: lastEnd?.wasClean ?? null,
    minDelayMs: context.minDelayMs,
    reasons,
  };
};

declare global {
  /** What a test calls: leads a connection to each of these ends. */
  var outcomes: (endings: readonly Ending[]) => Promise<readonly Outcome[]>;
}
globalThis.outcomes = async (endings) => {
  const outcomes: Outcome[] = [];
  let next = 0;
  // Chromium delays the sockets of a page that dials many at once.
  const lane = async (): Promise<void> => {
    for (let index = next++; index < endings.length; index = next++)
      outcomes[index] = await outcomeOf(endings[index] as Ending);
  };
  await Promise.all(Array.from({ length: LANE_COUNT }, lane));
  return outcomes;
};
