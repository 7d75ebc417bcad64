import type { EventObject } from 'xstate';
import {
  type ConnectionChartSnapshot,
  type ConnectionEvent,
  LINK_FAULTS,
  type SocketClose,
} from '../../machines/index.ts';
import { activeStatesOf, isDelayEvent, isOfXState } from '../../machines/xstate-internals.ts';
import type { ConnectionOptions } from '../client/connection-options.ts';

/** What happens in a step of a path: an event of the chart, or time that passes. */
export type PathEvent = ConnectionEvent | { readonly type: 'time.passes'; readonly ms: number };

/** The options that decide which way a path goes. A connection that runs a path must be made with them. */
export type PathOptions = Required<
  Pick<
    ConnectionOptions<never>,
    'backoff' | 'classifyClose' | 'connectTimeoutMs' | 'heartbeat' | 'maxRetries' | 'random' | 'stableAfterMs'
  >
>;

/** The private code that the paths' own `classifyClose` reads as "a fresh token, and not before 7 s". */
const REFRESH_LATER = 4900;

/** Delays that are easy to tell apart, one retry, and no jitter. Liveness is told by events, so nothing measures silence. */
export const PATH_OPTIONS: PathOptions = {
  backoff: Object.assign(() => 1_000, { spreadMs: 2_000 }),
  classifyClose: ({ code }) => (code === REFRESH_LATER ? { then: 'refresh', minDelayMs: 7_000 } : undefined),
  connectTimeoutMs: 10_000,
  heartbeat: false,
  maxRetries: 1,
  random: () => 0.5,
  stableAfterMs: 5_000,
};

/** A close as the platforms of the paths report it: they tell no failure. */
type PathClose = Omit<SocketClose, 'failure'>;

const clean = (code: number): PathClose => ({ code, reason: '', wasClean: true });
const cut: PathClose = { code: 1006, reason: '', wasClean: false };

/** One close of each kind that an open socket can have, and the one that a refused one has: no server can close it otherwise. */
const closesOf = (snapshot: ConnectionChartSnapshot): readonly PathClose[] =>
  snapshot.matches({ socket: 'connecting' }) || snapshot.matches({ socket: 'held' })
    ? [cut]
    : [cut, clean(1000), clean(1012), clean(1013), clean(4401), clean(4403), clean(REFRESH_LATER)];

const PEOPLE = ['ada', 'ben'];

/** The events of one type, with each payload that makes a difference. */
const eventsOfType = (
  type: ConnectionEvent['type'],
  snapshot: ConnectionChartSnapshot,
): readonly ConnectionEvent[] => {
  switch (type) {
    // The app's own call. It tells nobody of it, so there is nothing for the app to show.
    case 'user.dispose':
      return [];
    case 'user.connect':
      return PEOPLE.map((userId) => ({ type, userId }));
    case 'socket.closed':
      return closesOf(snapshot).map((close) => ({ type, ...close }));
    case 'dial.held':
      return [{ type, upToMs: 5_000 }];
    case 'attempt.failed':
      return [{ type, cause: 'token' }];
    case 'link.broken':
      return LINK_FAULTS.map((why) => ({ type, why }));
    case 'heartbeat.armed':
      return [true, false].map((canAsk) => ({ type, canAsk }));
    default:
      return [{ type }];
  }
};

/** Whether only time makes this event: a delayed transition, or a refund of the connect budget. */
export const isOfTime = ({ type }: EventObject): boolean => isDelayEvent(type) || type === 'budget.refunded';

/**
 * What may happen next: whatever a state that is active handles, `after` included; in idle somebody connects, as all else
 * is more telling elsewhere. `xstate/graph` calls this for each state it visits.
 */
export const eventsIn = (snapshot: ConnectionChartSnapshot): readonly ConnectionEvent[] => {
  if (snapshot.status !== 'active') return [];
  if (snapshot.matches('idle')) return [{ type: 'user.connect', userId: 'ada' }];
  const types = new Set(activeStatesOf(snapshot).flatMap((node) => node.ownEvents));
  return [...types].flatMap((type) => {
    // XState's own events, `after` and those of invoked actors, are no part of the vocabulary; only `after` may happen.
    if (isDelayEvent(type)) return [{ type } as unknown as ConnectionEvent];
    if (isOfXState(type)) return [];
    return eventsOfType(type as ConnectionEvent['type'], snapshot);
  });
};
