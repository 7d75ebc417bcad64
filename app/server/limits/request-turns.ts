import { Refusal } from '../refusal.ts';
import { createWindowLimit } from './window-limit.ts';

const MINUTE_MS = 60 * 1000;
/** Requests of one person in a minute: a page with a hundred pictures, opened again and again. */
const MAX_REQUESTS_COUNT = 1_000;
/** Requests of one person that run at the same time. One that is slow to arrive does not hold up the others. */
const MAX_RUNNING_COUNT = 4;
/** Requests of one person that wait for their turn. */
const MAX_WAITING_COUNT = 100;

interface Line {
  runningCount: number;
  readonly waiting: (() => void)[];
}

/**
 * Whose turn it is. The database works within one turn of the event loop, so a crowd of requests of one person would be
 * carried out before anything of anybody else: they go four at a time, and the loop takes a turn in between.
 */
export interface RequestTurns {
  /** Runs the work when its turn comes. Refuses at once, with `too-many-requests`, what is too much of one person. */
  run(userId: string, work: () => Promise<void>): Promise<void>;
}

export const createRequestTurns = (now?: () => number): RequestTurns => {
  const rate = createWindowLimit({
    maxCount: MAX_REQUESTS_COUNT,
    windowMs: MINUTE_MS,
    what: 'Your account asks too much.',
    ...(now === undefined ? {} : { now }),
  });
  const lines = new Map<string, Line>();
  return {
    async run(userId, work) {
      rate.take(userId);
      const line = lines.get(userId) ?? { runningCount: 0, waiting: [] };
      lines.set(userId, line);
      if (line.runningCount < MAX_RUNNING_COUNT) line.runningCount += 1;
      else {
        if (line.waiting.length >= MAX_WAITING_COUNT)
          throw new Refusal('too-many-requests', 'Your account asks too much at once.', 1_000);
        // Whoever is called has the place of the one that has ended.
        await new Promise<void>((resolve) => line.waiting.push(resolve));
      }
      try {
        await work();
      } finally {
        const next = line.waiting.shift();
        if (next !== undefined) setImmediate(next);
        else {
          line.runningCount -= 1;
          if (line.runningCount === 0) lines.delete(userId);
        }
      }
    },
  };
};
