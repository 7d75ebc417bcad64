import type { SocketEvent } from '../../machines/index.ts';
import type { Clock } from '../lib/clock.ts';
import { ignoreRejection } from '../lib/unawaited.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { HeartbeatHabit } from './heartbeat-habit.ts';
import { createLiveness, type Liveness } from './liveness.ts';
import type { PingRecord } from './ping-record.ts';

/** How the silence of a server is judged. */
export interface HeartbeatPolicy {
  /** How long the server may be silent, in ms. */
  readonly intervalMs: number;
  /** How long it has to reply, in ms. */
  readonly timeoutMs: number;
  /** Makes the frame that asks for a reply. Undefined: it cannot be asked. */
  readonly ping: (() => string) | undefined;
  /** From when on silence counts: from open, or once two heartbeat frames came. */
  readonly from: 'open' | 'heartbeats';
  /** Who keeps the interval: the server, which may be a second late, or our ping, which may not. */
  readonly keptBy: 'server' | 'ping';
}

export interface ServerWatchOptions {
  readonly clock: Clock;
  /** Null: silence means nothing. */
  readonly heartbeat: HeartbeatPolicy | null;
  readonly habit: HeartbeatHabit;
  readonly pings: PingRecord;
  readonly send: (text: string) => void;
  readonly tell: (event: SocketEvent) => void;
  readonly report: (error: StatesocketError) => void;
}

/** Watches over the server of one open socket: by the app's word, by its own, or by what it does. */
export interface ServerWatch {
  opened(): void;
  /** A frame came. */
  heard(): void;
  /** It was a heartbeat. */
  heartbeat(): void;
  /** From now on silence counts by this policy, unless the app has said how it does. */
  watch(policy: HeartbeatPolicy): void;
  probe(withinMs: number): void;
  /** Takes a frame that nobody can use as the reply to a ping, once for each ping. False: no reply is awaited. */
  takeAsReply(): boolean;
  stop(): void;
}

/** What may arrive late without meaning anything, in ms: a frame of a slow network, or of a server's busy timer. */
const SLACK_MS = 1_000;

const silenceOf = ({ intervalMs, keptBy }: HeartbeatPolicy): number =>
  keptBy === 'ping' ? intervalMs : intervalMs + SLACK_MS;

export const createServerWatch = (options: ServerWatchOptions): ServerWatch => {
  const { clock, heartbeat, habit, pings, report } = options;
  const beats = habit.ofSocket();
  /** The watch that is kept, and by whose word; null: none yet. */
  let kept: { readonly liveness: Liveness; readonly by: 'policy' | 'habit' } | null = null;
  let awaitsReply = false;

  const tell = (event: SocketEvent): void => {
    // The chart may end the watch on the way.
    const wasByHabit = kept?.by === 'habit';
    options.tell(event);
    // Reports come last: who hears of one may end the connection.
    if (event.type === 'frame.heard') pings.heard();
    else if (event.type === 'probe.unanswered' && heartbeat?.from === 'open') pings.gaveUp();
    else if (event.type === 'frame.silent' && wasByHabit) habit.gaveUp();
  };

  const ask = (ping: () => unknown): void => {
    try {
      const frame = ping();
      if (typeof frame !== 'string') {
        ignoreRejection(frame);
        throw new TypeError('heartbeat.ping must return a string.');
      }
      options.send(frame);
      awaitsReply = true;
    } catch (cause) {
      const what = 'heartbeat.ping threw, or its frame could not be sent.';
      report(new StatesocketError('heartbeat-failed', what, { cause }));
    }
  };

  const begin = (policy: HeartbeatPolicy, by: 'policy' | 'habit'): void => {
    if (kept !== null) return;
    const { timeoutMs, ping } = policy;
    const made = createLiveness({
      clock,
      silenceMs: silenceOf(policy),
      timeoutMs,
      ask: ping === undefined ? undefined : () => ask(ping),
      tell,
    });
    kept = { liveness: made, by };
    tell({ type: 'heartbeat.armed', canAsk: ping !== undefined });
  };

  const watchByHabit = (policy: HeartbeatPolicy): void => {
    const learnt = { ...policy, intervalMs: habit.intervalMs };
    if (kept?.by === 'habit') kept.liveness.allows(silenceOf(learnt));
    else begin(learnt, 'habit');
  };

  return {
    opened() {
      pings.begins();
      if (heartbeat?.from === 'open') begin(heartbeat, 'policy');
    },
    heard() {
      kept?.liveness.heard();
    },
    heartbeat() {
      awaitsReply = false;
      if (heartbeat?.from === 'heartbeats' && beats.beat(clock.now())) watchByHabit(heartbeat);
    },
    watch(policy) {
      if (heartbeat?.from === 'heartbeats') begin(policy, 'policy');
    },
    probe: (withinMs) => kept?.liveness.probe(withinMs),
    takeAsReply() {
      const mayBe = awaitsReply;
      awaitsReply = false;
      return mayBe;
    },
    stop: () => kept?.liveness.stop(),
  };
};
