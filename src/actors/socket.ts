import { DEFAULT_HEARTBEAT_INTERVAL_MS, type SocketEvent } from '../../machines/index.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';
import { CloseCode } from '../protocol/close-codes.ts';
import { type Closing, isSendableCloseCode } from '../protocol/closing.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { CLOSING_GRACE_MS } from '../protocol/limits.ts';
import type { SocketFailure } from '../protocol/socket-failure.ts';
import { abandonSocket } from './abandoned-socket.ts';
import type { ChartActors } from './chart-actors.ts';
import { type Dialled, type DialOptions, dial } from './dial.ts';
import { createDialHold, type DialHold, type Handshake } from './dial-hold.ts';
import { createHeartbeatHabit, type HeartbeatHabit } from './heartbeat-habit.ts';
import { createIdleCuts, type IdleCuts } from './idle-cuts.ts';
import { createOpenSocket, type OpenSocket } from './open-socket.ts';
import { createPingRecord, type PingRecord } from './ping-record.ts';
import type { HeartbeatPolicy } from './server-watch.ts';
import type { Traffic } from './traffic.ts';
import type { SocketLine, Transport } from './transport.ts';

export interface SocketActorOptions extends DialOptions {
  /** Null: silence means nothing. */
  readonly heartbeat: HeartbeatPolicy | null;
  readonly clock: Clock;
  /** How long an attempt may take until its socket is made, in ms. */
  readonly connectTimeoutMs: number;
  /** Called when an attempt begins. Null: nobody wants it, and nothing is dialled. */
  readonly lineOf: (transport: Transport) => SocketLine | null;
  /** Counts what passes. Undefined: nobody counts. */
  readonly traffic?: Traffic | undefined;
  readonly report: (error: StatesocketError) => void;
  /** What a platform tells of a failed socket. */
  readonly diagnostics: {
    failureOfEvent(event: unknown): SocketFailure | null;
    describeFailure(failure: SocketFailure | null): string;
  };
}

/** What one socket cannot tell, several in a row can. */
interface SocketsRecord {
  readonly habit: HeartbeatHabit;
  readonly pings: PingRecord;
  readonly cuts: IdleCuts;
  readonly hold: DialHold;
}

/**
 * Where one attempt is. A stage is a value that the next one replaces; what a stage alone has ends with it. `failure` is what the
 * platform's last error event said.
 */
type Stage =
  /** For the token, the URL and the subprotocols. There is no socket. */
  | { readonly at: 'asking'; readonly dialled: null }
  | DialledStage<'dialling'>
  | OpenStage<'open'>
  /** The server has said what its close means, which follows. */
  | (OpenStage<'announced'> & { readonly said: Closing; readonly grace: TimerHandle })
  /** The chart has been told, and may still be in one of its steps. */
  | { readonly at: 'closed'; readonly dialled: Dialled; readonly code: number }
  /** The chart has left it. Texts that came are still scrubbed. */
  | { readonly at: 'gone'; readonly dialled: Dialled | null };

interface DialledStage<At> {
  readonly at: At;
  readonly dialled: Dialled;
  readonly handshake: Handshake;
  readonly failure: SocketFailure | null;
}

interface OpenStage<At> extends DialledStage<At> {
  readonly open: OpenSocket;
}

/** The connect deadline has room for a dial that is held back no longer than this. */
const HOLD_TO_TELL_MS = 1_000;

/** RFC 6455: an endpoint that gets no close frame reports 1006. */
const closeCodeOf = (code: unknown): number => (typeof code === 'number' ? code : CloseCode.Abnormal);

const attempt = (
  options: SocketActorOptions,
  { hold, cuts, habit, pings }: SocketsRecord,
  { input, sendBack, receive }: Parameters<ChartActors['socket']>[0],
): (() => void) => {
  const { clock, diagnostics, heartbeat, traffic } = options;
  const abort = new AbortController();
  const overdueAt = clock.now() + options.connectTimeoutMs;
  let stage: Stage = { at: 'asking', dialled: null };

  const isGone = (): boolean => stage.at === 'gone';
  const openNow = (): OpenSocket | null => ('open' in stage ? stage.open : null);
  const tell = (event: SocketEvent): void => {
    if (!isGone()) sendBack(event);
  };
  const report = (error: StatesocketError): void => {
    if (!isGone()) options.report(error);
  };

  /** The next stage takes the place of this one, and what this one alone has ends. */
  const enter = (next: Stage): void => {
    const left = stage;
    stage = next;
    if ('grace' in left) clock.clearTimeout(left.grace);
    if ('open' in left && !('open' in next)) left.open.end();
  };

  const closed = (code: number, reason: string, wasClean: boolean): void => {
    if (!('failure' in stage)) return;
    const { at, dialled, handshake, failure } = stage;
    const quietMs = at === 'open' ? stage.open.quietMs() : null;
    const said = at === 'announced' ? stage.said : null;
    // What the server has announced it has also meant: no network cut that short.
    const isHidden = said !== null && !isSendableCloseCode(code);
    const meant = isHidden ? said.code : code;
    const minDelayMs = said?.code === meant ? said.minDelayMs : 0;
    enter({ at: 'closed', dialled, code: meant });
    if (!wasClean) handshake.failed();
    tell({
      type: 'socket.closed',
      code: meant,
      reason: dialled.scrub(reason),
      wasClean: wasClean || isHidden,
      ...(minDelayMs > 0 ? { minDelayMs } : {}),
      ...(failure === null ? {} : { failure }),
    });
    // A report comes last: who hears of it may end the connection.
    if (at === 'open') cuts.closed(quietMs, meant);
  };

  const transport: Transport = {
    userId: input.userId,
    get place() {
      return stage.dialled?.place ?? '';
    },
    get gone() {
      return stage.at === 'gone';
    },
    get writable() {
      return openNow()?.writable ?? false;
    },
    get bufferedBytes() {
      return stage.dialled?.socket.bufferedAmount ?? 0;
    },
    scrub: (text) => stage.dialled?.scrub(text) ?? text,
    takeAsReply: () => openNow()?.server.takeAsReply() ?? false,
    heartbeat: () => openNow()?.server.heartbeat(),
    watch: (policy) => openNow()?.server.watch(policy),
    announced(said) {
      if (stage.at !== 'open') return;
      const grace = clock.setTimeout(() => closed(CloseCode.Abnormal, '', false), CLOSING_GRACE_MS);
      enter({ ...stage, at: 'announced', said, grace });
    },
    closeCode: CloseCode.Normal,
    send: (data) => openNow()?.send(data),
    abandon() {
      const left = stage;
      const { at, dialled } = left;
      if (at === 'gone') return;
      enter({ at: 'gone', dialled });
      if (at === 'dialling') left.handshake.gaveUp();
      else if (at === 'open' || at === 'announced') cuts.endedOtherwise();
      if (dialled !== null) abandonSocket(dialled.socket, transport.closeCode);
      line?.ended(at === 'closed' ? left.code : null);
      // Last: who hears of it is the app.
      abort.abort();
    },
  };

  const opened = (): void => {
    // A platform that says it twice begins nothing twice.
    if (stage.at !== 'dialling') return;
    const { socket } = stage.dialled;
    stage.handshake.opened();
    const onFrame = (data: unknown): void => line?.frame(data);
    const open = createOpenSocket({ socket, clock, heartbeat, habit, pings, traffic, tell, report, onFrame });
    enter({ ...stage, at: 'open', open });
    tell({ type: 'socket.opened' });
    openNow()?.server.opened();
    if (!isGone()) line?.opened();
  };

  const dialling = (dialled: Dialled): void => {
    const { socket, hint } = dialled;
    // Abandoned from within its own constructor.
    if (isGone()) {
      abandonSocket(socket, transport.closeCode);
      return;
    }
    enter({ at: 'dialling', dialled, handshake: hold.dialled(), failure: null });
    socket.binaryType = 'arraybuffer';
    socket.onopen = opened;
    socket.onerror = (event: unknown) => {
      if (!('failure' in stage)) return;
      const failure = diagnostics.failureOfEvent(event);
      const why = hint === null || stage.at !== 'dialling' ? '' : ` Probably ${hint}.`;
      stage = { ...stage, failure };
      const what = `${diagnostics.describeFailure(failure)}${why} Its close follows and decides.`;
      report(new StatesocketError('socket-error', what, { failure }));
    };
    socket.onclose = ({ code, reason, wasClean }) =>
      closed(closeCodeOf(code), String(reason ?? ''), wasClean === true);
    const upToMs = hold.leftMs();
    if (upToMs > HOLD_TO_TELL_MS) tell({ type: 'dial.held', upToMs });
  };

  const line = options.lineOf(transport);
  if (line === null) return transport.abandon;
  receive(({ withinMs }) => openNow()?.server.probe(withinMs));
  const limits = { signal: abort.signal, isOverdue: () => clock.now() > overdueAt };
  dial(options, input, limits, {
    dialled: dialling,
    failed(event, error) {
      if (error) report(error);
      tell(event);
    },
  });
  return transport.abandon;
};

/**
 * The WebSocket as an actor: one attempt, from the token to the close. It reports facts and decides nothing.
 *
 * - Token and URL stay in this closure; no event, error or reason carries them (I13).
 * - Only a close is reported as the end, or that it has begun and does not end. An error event tells why, and never redials.
 * - No socket is made later than `connectTimeoutMs` after the start: after sleep the result of `getToken` may come before
 *   the deadline, which is overdue and ends the attempt. The connect budget counts on it (I8).
 * - It says when the browser may hold the dial back, since the deadline then has to be longer.
 * - Once abandoned it is mute, whatever the platform still delivers.
 */
export const createSocketActor = (options: SocketActorOptions): ChartActors['socket'] => {
  const { clock, heartbeat, report } = options;
  const record: SocketsRecord = {
    habit: createHeartbeatHabit(heartbeat?.intervalMs ?? DEFAULT_HEARTBEAT_INTERVAL_MS),
    pings: createPingRecord(report),
    cuts: createIdleCuts(report),
    hold: createDialHold(clock),
  };
  return (scope) => attempt(options, record, scope);
};
