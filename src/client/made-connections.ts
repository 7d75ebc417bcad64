import { platformClock } from '../lib/clock.ts';
import type { StatesocketError } from '../protocol/errors.ts';
import { mistake } from '../protocol/mistake.ts';

/** So many connections, made within {@link WINDOW_MS} and none of them disposed of, are made by mistake. */
const MAX_COUNT = 10;
const WINDOW_MS = 10_000;

interface Made {
  readonly atMs: number;
}

/** The last that were made and not disposed of, oldest first: times, and nothing of the connections. */
const alive: Made[] = [];
let hasTold = false;

/** Only where there is a page: a Node process may well hold many, one a user. */
const isPage = (): boolean => typeof window !== 'undefined';

/**
 * Counts the connections of a page. A component that makes one in its body makes one with each render, and none is disposed of.
 *
 * @returns `tooMany`: what to report, once until fewer are left. `end`: this one was disposed of.
 */
export const noteMade = (): { readonly tooMany: StatesocketError | null; end(): void } => {
  if (!isPage()) return { tooMany: null, end() {} };
  const made = { atMs: platformClock.now() };
  alive.push(made);
  if (alive.length > MAX_COUNT) alive.shift();
  const [oldest = made] = alive;
  const isTooMany = alive.length === MAX_COUNT && made.atMs - oldest.atMs <= WINDOW_MS;
  const tells = isTooMany && !hasTold;
  hasTold ||= isTooMany;
  const what = `createConnection was called ${MAX_COUNT} times within ${WINDOW_MS / 1_000} s, and none was disposed of: as in the body of a component.`;
  return {
    tooMany: tells ? mistake(['made-too-many'], 'duplicate-connection', what) : null,
    end() {
      const at = alive.indexOf(made);
      if (at < 0) return;
      alive.splice(at, 1);
      hasTold = false;
    },
  };
};
