import { MAX_LEARNT_HEARTBEAT_MS, MIN_BEAT_GAP_MS } from '../../machines/index.ts';
import { MAX_DELAY_MS } from '../lib/backoff.ts';

/** One heartbeat may be chance; two are a habit. */
const HEARTBEATS_TO_WATCH = 2;
/** A beat may come this much later than the ones before: part of the interval that was seen. */
const JITTER = 0.25;

/** The heartbeats on one socket. */
export interface SocketBeats {
  /** One came, at this time in ms. Whether by now a habit shows. */
  beat(at: number): boolean;
}

/** What was seen of them so far. */
interface Seen {
  /** When the last one came; null: none has. */
  readonly lastAt: number | null;
  readonly longestMs: number;
  /** Without those that came after a sleep. */
  readonly count: number;
}

const NONE_SEEN: Seen = Object.freeze({ lastAt: null, longestMs: 0, count: 0 });

/** How often a server beats that has not said it, as a connection has learnt it over all its sockets. */
export interface HeartbeatHabit {
  /** How long the server may be silent, in ms. */
  readonly intervalMs: number;
  /** What is seen on one socket. */
  ofSocket(): SocketBeats;
  /** A socket was given up for its silence. Once it may be dead; a server that is slower than assumed would lose all of them. */
  gaveUp(): void;
}

/**
 * Learns from the time between two beats: the longest on the socket, and a quarter more. Never less than `leastMs`, and at most
 * {@link MAX_LEARNT_HEARTBEAT_MS}: what takes longer was sleep, or no habit. Each socket that is given up doubles what is
 * assumed, until beats show better; at the most, the server is not watched any more.
 */
export const createHeartbeatHabit = (leastMs: number): HeartbeatHabit => {
  let intervalMs = leastMs;
  return {
    get intervalMs() {
      return intervalMs;
    },
    ofSocket() {
      let seen: Seen = NONE_SEEN;
      return {
        beat(at) {
          const { lastAt, longestMs } = seen;
          const gapMs = lastAt === null ? 0 : at - lastAt;
          const isSleep = gapMs > MAX_LEARNT_HEARTBEAT_MS;
          // Beats that waited somewhere and came together tell nothing of their interval.
          const isLongest = !isSleep && gapMs >= MIN_BEAT_GAP_MS && gapMs > longestMs;
          const count = isSleep ? seen.count : seen.count + 1;
          seen = { lastAt: at, longestMs: isLongest ? gapMs : longestMs, count };
          if (isLongest)
            intervalMs = Math.min(MAX_LEARNT_HEARTBEAT_MS, Math.max(leastMs, gapMs * (1 + JITTER)));
          return count >= HEARTBEATS_TO_WATCH;
        },
      };
    },
    gaveUp() {
      intervalMs =
        intervalMs >= MAX_LEARNT_HEARTBEAT_MS
          ? MAX_DELAY_MS
          : Math.min(MAX_LEARNT_HEARTBEAT_MS, intervalMs * 2);
    },
  };
};
