import { DEFAULT_HEARTBEAT_INTERVAL_MS, type SocketEvent } from '../../machines/index.ts';
import type { ByteView } from '../lib/byte-view.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';
import { CloseCode } from '../protocol/close-codes.ts';
import { type Closing, isSendableCloseCode } from '../protocol/closing.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { CLOSING_GRACE_MS } from '../protocol/limits.ts';
import { describeFailure, type SocketFailure } from '../protocol/socket-failure.ts';
import { abandonSocket, terminate } from './abandoned-socket.ts';
import type { ChartActors } from './chart-actors.ts';
import { type ClosingWatch, createClosingWatch } from './closing-watch.ts';
import { type DialOptions, dial } from './dial.ts';
import { createDialHold } from './dial-hold.ts';
import { failureOfEvent } from './failure-of-event.ts';
import { createHeartbeatHabit } from './heartbeat-habit.ts';
import { createIdleCuts } from './idle-cuts.ts';
import { createPingRecord } from './ping-record.ts';
import { createQuietTime } from './quiet-time.ts';
import { createServerWatch, type HeartbeatPolicy } from './server-watch.ts';
import { tokenScrub } from './token-scrub.ts';
import { lengthOfFrame, type Traffic } from './traffic.ts';
import type { WebSocketLike } from './web-socket-like.ts';

/** The socket of one attempt as the data plane sees it. */
export interface Transport {
  /** Whose socket it is. */
  readonly userId: string;
  /** Where it was dialled, and with which subprotocols, without the token. To compare, and never to show: it holds the URL. */
  readonly place: string;
  /** True once the chart has left this socket: nothing of it may reach a listener any more (I1, I14). */
  readonly gone: boolean;
  /** Whether the platform would put a frame on the wire now. */
  readonly writable: boolean;
  /** How many bytes the platform has taken and not yet put on the wire. */
  readonly bufferedBytes: number;
  /** Takes the token out of a text that came from the wire, before anybody can log it (I13). */
  scrub(text: string): string;
  /** Takes a frame that nobody can use as the reply to a ping, once for each ping. False: no reply is awaited. */
  takeAsReply(): boolean;
  /** A heartbeat frame came: two of them show that this server speaks regularly. */
  heartbeat(): void;
  /** From now on silence counts by this policy, unless the app has said how it does. */
  watch(policy: HeartbeatPolicy): void;
  /** The server says what its close means, which follows. It counts where the platform hides the code, or none comes. */
  announced(closing: Closing): void;
  /** The code that the socket is closed with when the chart leaves it. @default 1000 */
  closeCode: number;
  /** May throw what the platform's `send` throws. */
  send(data: string | ArrayBuffer | ByteView): void;
  /** Marks it gone, aborts what is still asked for, and closes the socket. Does not throw. */
  abandon(): void;
}

/** What is made of one socket, beside the chart: made when its attempt begins, it ends with the socket. Nothing in it throws. */
export interface SocketLine {
  /** The handshake is done, and the chart has not left the socket. */
  opened(): void;
  /** A frame came. */
  frame(data: unknown): void;
  /** The chart has left the socket; `code` is that of its close, null where none was seen. */
  ended(code: number | null): void;
}

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
}

/** The connect deadline has room for a dial that is held back no longer than this. */
const HOLD_TO_TELL_MS = 1_000;

/** RFC 6455: an endpoint that gets no close frame reports 1006. */
const closeCodeOf = (code: unknown): number => (typeof code === 'number' ? code : CloseCode.Abnormal);

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
  const { clock, traffic, heartbeat } = options;
  // What one socket cannot tell, several in a row can.
  const habit = createHeartbeatHabit(heartbeat?.intervalMs ?? DEFAULT_HEARTBEAT_INTERVAL_MS);
  const pings = createPingRecord(options.report);
  const cuts = createIdleCuts(options.report);
  const hold = createDialHold(clock);

  return ({ input, sendBack, receive }) => {
    const abort = new AbortController();
    const overdueAt = clock.now() + options.connectTimeoutMs;
    let socket: WebSocketLike | null = null;
    let gone = false;
    let place = '';
    let hint: string | null = null;
    let isOpen = false;
    let scrub = (text: string): string => text;
    let closingWatch: ClosingWatch | null = null;
    let closing: Closing | null = null;
    let closingGrace: TimerHandle | null = null;
    let failure: SocketFailure | null = null;
    let seenCode: number | null = null;
    const quiet = createQuietTime(clock);

    const tell = (event: SocketEvent): void => {
      if (!gone) sendBack(event);
    };
    const report = (error: StatesocketError): void => {
      if (!gone) options.report(error);
    };

    const send: Transport['send'] = (data) => {
      if (socket === null) return;
      socket.send(data);
      quiet.passed();
      if (traffic === undefined) return;
      traffic.framesOut += 1;
      traffic.lengthOut += lengthOfFrame(data);
    };

    const closed = (code: number, reason: string, wasClean: boolean): void => {
      // What the server has announced it has also meant: no network cut that short.
      const isHidden = closing !== null && !isSendableCloseCode(code);
      const meant = isHidden && closing !== null ? closing.code : code;
      const minDelayMs = closing?.code === meant ? closing.minDelayMs : 0;
      seenCode ??= meant;
      if (!wasClean) hold.failed();
      closingWatch?.stop();
      tell({
        type: 'socket.closed',
        code: meant,
        reason: scrub(reason),
        wasClean: wasClean || isHidden,
        ...(minDelayMs > 0 ? { minDelayMs } : {}),
        ...(failure === null ? {} : { failure }),
      });
      // A report comes last: who hears of it may end the connection.
      if (isOpen && closing === null) cuts.closed(quiet.ms(), meant);
    };

    const server = createServerWatch({ clock, heartbeat, habit, pings, send, tell, report });

    const transport: Transport = {
      userId: input.userId,
      get place() {
        return scrub(place);
      },
      get gone() {
        return gone;
      },
      get writable() {
        if (gone || socket === null) return false;
        if (socket.readyState === 1) return true;
        closingWatch?.look();
        return false;
      },
      get bufferedBytes() {
        return socket?.bufferedAmount ?? 0;
      },
      scrub: (text) => scrub(text),
      takeAsReply: server.takeAsReply,
      heartbeat: server.heartbeat,
      watch: server.watch,
      announced(said) {
        if (gone || closing !== null) return;
        closing = said;
        closingGrace = clock.setTimeout(() => closed(CloseCode.Abnormal, '', false), CLOSING_GRACE_MS);
      },
      closeCode: CloseCode.Normal,
      send,
      abandon() {
        if (gone) return;
        gone = true;
        server.stop();
        closingWatch?.stop();
        if (closingGrace !== null) clock.clearTimeout(closingGrace);
        if (isOpen && seenCode === null) cuts.endedOtherwise();
        if (socket !== null && !isOpen && seenCode === null) hold.gaveUp();
        if (socket !== null) abandonSocket(socket, transport.closeCode);
        line?.ended(seenCode);
        // Last: who hears of it is the app.
        abort.abort();
      },
    };

    const attach = (opened: WebSocketLike): void => {
      socket = opened;
      // Abandoned from within its own constructor.
      if (gone) {
        abandonSocket(opened, transport.closeCode);
        return;
      }
      opened.binaryType = 'arraybuffer';
      hold.dialled();
      opened.onopen = () => {
        // A platform that says it twice begins nothing twice.
        if (isOpen) return;
        isOpen = true;
        hold.opened();
        quiet.passed();
        closingWatch = createClosingWatch({
          socket: opened,
          clock,
          onLook: quiet.looked,
          force: () => terminate(opened),
          onStuck: () => tell({ type: 'socket.stuck' }),
        });
        tell({ type: 'socket.opened' });
        server.opened();
        if (!gone) line?.opened();
      };
      opened.onmessage = ({ data }) => {
        quiet.passed();
        server.heard();
        if (traffic !== undefined) {
          traffic.framesIn += 1;
          traffic.lengthIn += lengthOfFrame(data);
        }
        line?.frame(data);
      };
      opened.onerror = (event: unknown) => {
        failure = failureOfEvent(event);
        const why = hint === null || isOpen ? '' : ` Probably ${hint}.`;
        const what = `${describeFailure(failure)}${why} Its close follows and decides.`;
        report(new StatesocketError('socket-error', what, { failure }));
      };
      opened.onclose = ({ code, reason, wasClean }) =>
        closed(closeCodeOf(code), String(reason ?? ''), wasClean === true);
      const upToMs = hold.leftMs();
      if (upToMs > HOLD_TO_TELL_MS) tell({ type: 'dial.held', upToMs });
    };

    const line = options.lineOf(transport);
    if (line === null) return transport.abandon;
    receive(({ withinMs }) => server.probe(withinMs));
    const limits = { signal: abort.signal, isOverdue: () => clock.now() > overdueAt };
    dial(options, input, limits, {
      withToken: (token) => {
        scrub = tokenScrub(token);
      },
      dialled(opened, where, why) {
        place = where;
        hint = why;
        attach(opened);
      },
      failed: (event, error) => {
        if (error) report(error);
        tell(event);
      },
    });
    return transport.abandon;
  };
};
