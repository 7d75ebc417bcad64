import type { Clock } from '../../lib/clock.ts';
import { createRecentSet } from '../../lib/recent-set.ts';
import { createReportLimit } from '../../lib/report-limit.ts';
import { StatesocketError } from '../../protocol/errors.ts';

/** How many different origins are told in any minute. Anybody can make up as many as there are sockets. */
const TOLD_COUNT = 5;
/** How many origins are known as told. */
const REMEMBERED_COUNT = 1_000;
const SHOWN_LENGTH = 100;

/** The origin in an Origin header and nothing else of it: a peer may write whatever it likes, a token too. Null: it holds none. */
const originIn = (header: string): string | null => {
  if (header === 'null') return header;
  if (!URL.canParse(header)) return null;
  const { protocol, host } = new URL(header);
  return host === '' ? null : `${protocol}//${host}`.replace(/[^\x21-\x7e]/g, '?').slice(0, SHOWN_LENGTH);
};

const cureFor = (origin: string | null, header: string): string => {
  if (origin === 'null')
    return 'Sandboxed pages and files send it: only a function as allowedOrigins can let it in.';
  if (origin !== header) return 'No browser sends an Origin like it.';
  return `If the page is yours, put "${origin}" into allowedOrigins, or return true for it where that is a function.`;
};

/**
 * Reports the pages that may not connect (4403), each origin once, and five in a minute at most. How many others there were
 * is said with the next one. Shows the scheme, host and port, of 100 characters at most, in printable ASCII.
 */
export const createRefusedOrigins = (
  clock: Clock,
  report: (error: StatesocketError) => void,
): ((header: string) => void) => {
  const told = createRecentSet<string>(REMEMBERED_COUNT);
  const leftOutBefore = createReportLimit(TOLD_COUNT, clock);
  return (header) => {
    const origin = originIn(header);
    const shown = origin === null ? 'a text that is no origin' : `"${origin}"`;
    if (told.has(shown)) return;
    const leftOutCount = leftOutBefore('an origin');
    if (leftOutCount === null) return;
    told.add(shown);
    const others =
      leftOutCount === 0 ? '' : ` ${leftOutCount} more of other origins were refused since the last report.`;
    const what = `A page was refused with 4403, since its Origin is ${shown}. ${cureFor(origin, header)}${others}`;
    report(new StatesocketError('upgrade-refused', what));
  };
};
