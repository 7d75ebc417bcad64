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

/** Watches over the server of one socket: by the app's word, by its own, or by what it does. */
export interface ServerWatch {
  opened(): void;
  /** A frame came. */
  heard(): void;
  /** It was a heartbeat. */
  heartbeat(): void;
  /** From now on silence counts by this policy, unless the app has said how it does. */
  watch(policy: HeartbeatPolicy): void;
  probe(withinMs: number): void;
  /** Whether a frame that nobody can use may be the reply to a ping. Once for each ping: asking counts it as the reply. */
  mayBeAnswer(): boolean;
  stop(): void;
}

/** What may arrive late without meaning anything, in ms: a frame of a slow network, or of a server's busy timer. */
const SLACK_MS = 1_000;

const silenceOf = ({ intervalMs, keptBy }: HeartbeatPolicy): number =>
  keptBy === 'ping' ? intervalMs : intervalMs + SLACK_MS;

export const createServerWatch = (options: ServerWatchOptions): ServerWatch => {
  const { clock, heartbeat, habit, pings, report } = options;
  let liveness: Liveness | null = null;
  let isOver = false;
  let isByHabit = false;
  let awaitsAnswer = false;

  const tell = (event: SocketEvent): void => {
    options.tell(event);
    // Reports come last: who hears of one may end the connection.
    if (event.type === 'frame.heard') pings.heard();
    else if (event.type === 'probe.unanswered' && heartbeat?.from === 'open') pings.gaveUp();
    else if (event.type === 'frame.silent' && isByHabit) habit.gaveUp();
  };

  const ask = (ping: () => unknown): void => {
    try {
      const frame = ping();
      if (typeof frame !== 'string') {
        ignoreRejection(frame);
        throw new TypeError('heartbeat.ping must return a string.');
      }
      options.send(frame);
      awaitsAnswer = true;
    } catch (cause) {
      const what = 'heartbeat.ping threw, or its frame could not be sent.';
      report(new StatesocketError('heartbeat-failed', what, { cause }));
    }
  };

  const watch = (policy: HeartbeatPolicy): void => {
    if (liveness !== null || isOver) return;
    const { timeoutMs, ping } = policy;
    liveness = createLiveness({
      clock,
      silenceMs: silenceOf(policy),
      timeoutMs,
      ask: ping === undefined ? undefined : () => ask(ping),
      tell,
    });
    tell({ type: 'heartbeat.armed', canAsk: ping !== undefined });
  };

  const watchByHabit = (policy: HeartbeatPolicy): void => {
    const silenceMs = silenceOf({ ...policy, intervalMs: habit.intervalMs });
    if (isByHabit) liveness?.allows(silenceMs);
    if (liveness !== null) return;
    isByHabit = true;
    watch({ ...policy, intervalMs: habit.intervalMs });
  };

  return {
    opened() {
      habit.begins();
      pings.begins();
      if (heartbeat?.from === 'open') watch(heartbeat);
    },
    heard() {
      liveness?.heard();
    },
    heartbeat() {
      awaitsAnswer = false;
      if (heartbeat?.from === 'heartbeats' && habit.beat(clock.now())) watchByHabit(heartbeat);
    },
    watch(policy) {
      if (heartbeat?.from === 'heartbeats') watch(policy);
    },
    probe: (withinMs) => liveness?.probe(withinMs),
    mayBeAnswer() {
      const mayBe = awaitsAnswer;
      awaitsAnswer = false;
      return mayBe;
    },
    stop() {
      isOver = true;
      liveness?.stop();
    },
  };
};
