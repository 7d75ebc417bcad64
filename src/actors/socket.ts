import type { LinkFault, SocketEvent } from '../../machines/index.ts';
import type { ByteView } from '../lib/byte-view.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';
import { ignoreRejection } from '../lib/unawaited.ts';
import { CloseCode } from '../protocol/close-codes.ts';
import { type Closing, isSendableCloseCode } from '../protocol/closing.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { CLOSING_GRACE_MS } from '../protocol/limits.ts';
import type { ChartActors } from './chart-actors.ts';
import { type DialOptions, dial } from './dial.ts';
import { createLiveness, type Liveness } from './liveness.ts';
import { lengthOfFrame, type Traffic } from './traffic.ts';
import type { WebSocketLike } from './web-socket-like.ts';

/** The socket of one attempt as the data plane sees it. */
export interface Transport {
  /** Whose socket it is. */
  readonly userId: string;
  /** True once the chart has left this socket: nothing of it may reach a listener any more (I1, I14). */
  readonly gone: boolean;
  /** Whether the platform would put a frame on the wire now. */
  readonly writable: boolean;
  /** How many bytes the platform has taken and not yet put on the wire. */
  readonly bufferedBytes: number;
  /** Takes the token out of a text that came from the wire, before anybody can log it (I13). */
  scrub(text: string): string;
  /**
   * Whether a frame that nobody can use may be the answer to a ping. Once for each ping: asking takes it as answered.
   */
  mayBeAnswer(): boolean;
  /** A heartbeat frame came: two of them show that this server speaks regularly. */
  heartbeat(): void;
  /** From now on silence counts by this policy, unless the app has said how it does. */
  watch(policy: HeartbeatPolicy): void;
  /** The server says what its close means, which follows. It counts where the platform hides the code, or none comes. */
  announced(closing: Closing): void;
  /** Reports that the delivery extension cannot go on over this socket. The chart decides what follows. */
  breaks(why: LinkFault): void;
  /** May throw what the platform's `send` throws. */
  send(data: string | ArrayBuffer | ByteView): void;
  /** Marks it gone, aborts what is still asked for, and closes the socket. Does not throw. */
  abandon(): void;
}

/** How the silence of a server is judged. */
export interface HeartbeatPolicy {
  /** How long the server may be silent, in ms. */
  readonly intervalMs: number;
  /** How long it has to answer, in ms. */
  readonly timeoutMs: number;
  /** Makes the frame that asks for an answer. Undefined: it cannot be asked. */
  readonly ping: (() => string) | undefined;
  /** From when on silence counts: from open, or once two heartbeat frames came. */
  readonly from: 'open' | 'heartbeats';
}

export interface SocketActorOptions extends DialOptions {
  /** Null: silence means nothing. */
  readonly heartbeat: HeartbeatPolicy | null;
  readonly clock: Clock;
  /** How long an attempt may take until its socket is made, in ms. */
  readonly connectTimeoutMs: number;
  /** Called when an attempt begins: from now on this is the current transport. */
  readonly onTransport: (transport: Transport) => void;
  /** Called once the handshake is done, unless the chart has left the socket by then. */
  readonly onOpen: (transport: Transport) => void;
  /** Called when the chart leaves the socket; `code` is that of its close, null where none was seen. */
  readonly onEnd: (transport: Transport, code: number | null) => void;
  /** Called for each frame of a transport that is not gone. */
  readonly onFrame: (data: unknown, transport: Transport) => void;
  /** Counts what passes. Undefined: nobody counts. */
  readonly traffic?: Traffic | undefined;
  readonly report: (error: StatesocketError) => void;
}

/** One heartbeat may be chance; two are a habit. */
const HEARTBEATS_TO_WATCH = 2;

/** RFC 6455: an endpoint that gets no close frame reports 1006. */
const closeCodeOf = (code: unknown): number => (typeof code === 'number' ? code : CloseCode.Abnormal);

const encoded = (encode: (text: string) => string, text: string): string => {
  try {
    return encode(text);
  } catch {
    return text; // a lone surrogate has no spelling in a URL
  }
};

/** One pattern for all spellings, longest first: replacing one after the other would search in its own replacement. */
const spellingsOf = (token: string): RegExp => {
  const spellings = new Set([token, encoded(encodeURIComponent, token), encoded(encodeURI, token)]);
  const patterns = [...spellings]
    .sort((a, b) => b.length - a.length)
    .map((spelling) => spelling.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(patterns.join('|'), 'g');
};

/**
 * The WebSocket as an actor: one attempt, from the token to the close. It reports facts and decides nothing.
 *
 * - Token and URL stay in this closure; no event, error or reason carries them (I13).
 * - Only a close is reported as the end. An error event says nothing that its close does not, and never redials.
 * - No socket is made later than `connectTimeoutMs` after the start: after sleep the answer of `getToken` may come before
 *   the deadline, which is overdue and ends the attempt. The connect budget counts on it (I8).
 * - Once abandoned it is mute, whatever the platform still delivers. Its handlers stay attached: `ws` emits an error on
 *   closing a socket that is still connecting, and an unheard one ends a Node process.
 */
export const createSocketActor =
  (options: SocketActorOptions): ChartActors['socket'] =>
  ({ input, sendBack, receive }) => {
    const abort = new AbortController();
    const { clock, traffic } = options;
    const overdueAt = clock.now() + options.connectTimeoutMs;
    let socket: WebSocketLike | null = null;
    let gone = false;
    /** Every spelling of the token. */
    let secret: RegExp | null = null;
    let liveness: Liveness | null = null;
    let heartbeatCount = 0;
    let awaitsAnswer = false;
    let seenCode: number | null = null;
    let closing: Closing | null = null;
    let closingGrace: TimerHandle | null = null;
    let ownCode: number = CloseCode.Normal;

    const tell = (event: SocketEvent): void => {
      if (!gone) sendBack(event);
    };
    const report = (error: StatesocketError): void => {
      if (!gone) options.report(error);
    };
    const scrub = (text: string): string => (secret === null ? text : text.replace(secret, '[token]'));

    const close = (): void => {
      try {
        socket?.close(ownCode);
      } catch {
        // It was abandoned: whether the platform could close it already changes nothing. If it opens after all, see onopen.
      }
    };

    const send: Transport['send'] = (data) => {
      if (socket === null) return;
      socket.send(data);
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
      tell({
        type: 'socket.closed',
        code: meant,
        reason: scrub(reason),
        wasClean: wasClean || isHidden,
        ...(minDelayMs > 0 ? { minDelayMs } : {}),
      });
    };

    const { heartbeat } = options;
    const ask = (ping: () => unknown): void => {
      try {
        const frame = ping();
        if (typeof frame !== 'string') {
          ignoreRejection(frame);
          throw new TypeError('heartbeat.ping must answer a string.');
        }
        send(frame);
        awaitsAnswer = true;
      } catch (cause) {
        report(
          new StatesocketError('heartbeat-failed', 'heartbeat.ping threw, or its frame could not be sent.', {
            cause,
          }),
        );
      }
    };
    const watch = ({ intervalMs, timeoutMs, ping }: HeartbeatPolicy): void => {
      if (liveness !== null || gone) return;
      liveness = createLiveness({
        clock,
        intervalMs,
        timeoutMs,
        ask: ping === undefined ? undefined : () => ask(ping),
        tell,
      });
      tell({ type: 'heartbeat.armed', canAsk: ping !== undefined });
    };

    const transport: Transport = {
      userId: input.userId,
      get gone() {
        return gone;
      },
      get writable() {
        return !gone && socket !== null && socket.readyState === 1;
      },
      get bufferedBytes() {
        return socket?.bufferedAmount ?? 0;
      },
      scrub,
      mayBeAnswer() {
        const mayBe = awaitsAnswer;
        awaitsAnswer = false;
        return mayBe;
      },
      heartbeat() {
        awaitsAnswer = false;
        heartbeatCount += 1;
        if (heartbeatCount === HEARTBEATS_TO_WATCH && heartbeat?.from === 'heartbeats') watch(heartbeat);
      },
      watch(policy) {
        if (heartbeat?.from === 'heartbeats') watch(policy);
      },
      announced(said) {
        if (gone || closing !== null) return;
        closing = said;
        closingGrace = clock.setTimeout(() => closed(CloseCode.Abnormal, '', false), CLOSING_GRACE_MS);
      },
      breaks(why) {
        if (why === 'version') ownCode = CloseCode.BadProtocol;
        tell({ type: 'link.broken', why });
      },
      send,
      abandon() {
        if (gone) return;
        gone = true;
        if (closingGrace !== null) clock.clearTimeout(closingGrace);
        liveness?.stop();
        abort.abort();
        close();
        options.onEnd(transport, seenCode);
      },
    };

    const attach = (opened: WebSocketLike): void => {
      socket = opened;
      opened.binaryType = 'arraybuffer';
      opened.onopen = () => {
        if (gone) {
          close();
          return;
        }
        tell({ type: 'socket.opened' });
        if (heartbeat?.from === 'open') watch(heartbeat);
        if (!gone) options.onOpen(transport);
      };
      opened.onmessage = ({ data }) => {
        if (gone) return;
        liveness?.heard();
        if (traffic !== undefined) {
          traffic.framesIn += 1;
          traffic.lengthIn += lengthOfFrame(data);
        }
        options.onFrame(data, transport);
      };
      opened.onerror = () =>
        report(new StatesocketError('socket-error', 'The WebSocket reported an error; its close follows.'));
      opened.onclose = ({ code, reason, wasClean }) =>
        closed(closeCodeOf(code), String(reason ?? ''), wasClean === true);
      // Abandoned from within its own constructor: heard like any other that was given up, and closed only then.
      if (gone) close();
    };

    receive(({ withinMs }) => liveness?.probe(withinMs));
    options.onTransport(transport);
    if (gone) return transport.abandon;
    const limits = { signal: abort.signal, isOverdue: () => clock.now() > overdueAt };
    dial(options, input, limits, {
      withToken: (token) => {
        secret = spellingsOf(token);
      },
      dialled: attach,
      failed: (event, error) => {
        if (error) report(error);
        tell(event);
      },
    });
    return transport.abandon;
  };
