import type { InspectionEvent, Observer } from 'xstate';
import {
  type ClassifyClose,
  type ConnectionSettings,
  DEFAULT_HEARTBEAT_INTERVAL_MS,
  DEFAULT_PROBE_TIMEOUT_MS,
  DEFAULT_SETTINGS,
  safeClassifyClose,
} from '../../machines/index.ts';
import type { SignalSource } from '../actors/app-signals.ts';
import type { GetProtocols, GetToken, GetUrl } from '../actors/dial.ts';
import type { HeartbeatPolicy } from '../actors/server-watch.ts';
import type { WebSocketConstructor } from '../actors/web-socket-like.ts';
import { type Backoff, safeBackoff } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Codec } from '../protocol/codec.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { OutgoingMessage } from '../protocol/message.ts';
import type { MessageSchema, SendSchema } from '../protocol/schema.ts';
import type { RecorderExtension } from '../recording/flight-recorder.ts';
import type { DeliveryExtension } from './delivery-extension.ts';
import type { AckOf } from './plain-messages.ts';

/** What `createConnection` takes. Only `url` is needed. */
export interface ConnectionOptions<
  M extends { type: string },
  S extends { readonly type: string } = OutgoingMessage,
> {
  /**
   * Where to connect: a string, used as it is for every attempt, or a function that is asked again for each attempt and
   * may return a promise. What it makes stays in the socket: no error, event or snapshot carries it. A token belongs in
   * `getToken`: only its result is also removed from what a server says.
   */
  readonly url: string | GetUrl;
  /**
   * Asked for the user's token before each attempt. Null: nobody is signed in, the connection goes to idle (`token-missing`); where the
   * `reason` was `refresh`, to failed (rejected). A throw counts as a lost attempt (`token-failed`), and a fresh token is asked for
   * again: throw where the token service cannot be reached. Omitted: no authentication.
   */
  readonly getToken?: GetToken;
  /**
   * Subprotocols to offer, as the WebSocket constructor takes them, or a function that is asked for them before each attempt,
   * after `url` and under the same deadline. A throw counts as a lost attempt (`protocols-failed`). A server that echoes the
   * token in a close reason is scrubbed of it, as with the URL. Source: RFC 6455 section 1.9. @default none
   */
  readonly protocols?: string | string[] | GetProtocols;
  /** The WebSocket class; looked up at each dial. @default globalThis.WebSocket */
  readonly WebSocket?: WebSocketConstructor;
  /**
   * A synchronous Standard Schema for inbound messages. What does not fit is reported (`invalid-message`,
   * `unknown-type`) and dropped. Omitted: every JSON object with a string `type` is delivered.
   */
  readonly messages?: MessageSchema<M>;
  /**
   * A synchronous Standard Schema for outbound messages, which types `send`. What does not fit is refused and reported
   * (`message-refused`); what fits travels as the schema makes it. Omitted: every object with a string `type` is sent.
   */
  readonly sends?: SendSchema<S>;
  /**
   * Whether messages of a plain server are acknowledged: `true` takes the message's own `id`, a function names it, undefined
   * for none. Such a message gets `{type:'ACK', messageId}` after its listeners have run, and is dropped when it repeats (the
   * last 2,000 ids of a user are remembered; 1 and '1' differ; `delivery.getSnapshot().repeatCount` counts them). Ask for it
   * only where the server knows ACKs: another may close, or reply to each.
   *
   * - An id is a string of 1 to 1,024 characters or a safe integer. A message with another one is delivered and not
   *   acknowledged, and reported once per type (`bad-message-id`).
   * - Where a listener returns a promise, the ACK waits until it has settled, 30 s at most.
   * - ACKs leave at the end of a frame; where that is often, every 50 ms and at most 100 at once; 10,000 may wait (`ack-overflow`).
   *
   * Does not concern a server of the delivery extension: its messages are acknowledged by position. Omitted or false: no
   * ACK, no dedupe. @default false
   */
  readonly ack?: AckOf | boolean;
  /**
   * How messages travel on a wire that is not JSON objects with a `type`. `decode` gets each frame, binary ones too, and
   * returns a message, a list of messages, or undefined for a frame that is none of its own: bytes then go to the listeners
   * of `binary`, text is dropped and reported (`malformed-frame`). What it returns is checked as JSON is. `encode` makes the
   * frames of `send` and of ACKs; `sendBinary` and `heartbeat.ping` go as they are.
   *
   * The delivery extension is not spoken then: together with `delivery` it is `bad-option`.
   * Recipe: docs/recipes/messagepack.md. @default JSON, with all its guards
   */
  readonly codec?: Codec;
  /** How long to wait before retry n. @default exponentialBackoff() */
  readonly backoff?: Backoff;
  /** Scheduled retries before `failed`; Infinity: it never gives up for that, so bound the waits of `backoff`. @default 20 */
  readonly maxRetries?: number;
  /** One deadline over token, URL and handshake, in ms above 0. @default 10_000 */
  readonly connectTimeoutMs?: number;
  /** How long a socket must be open until the retry count is set to 0, in ms; 0: at once. @default 5_000 */
  readonly stableAfterMs?: number;
  /**
   * How a dead server is found. `intervalMs`: how long it may be silent; any frame is a sign of life. `ping` makes the
   * frame that asks it for one, within `intervalMs`, so that a proxy's idle timeout above that is never reached; `timeoutMs` is
   * how long the server has to reply, and its reply needs no listener. One that replies to no ping on two sockets in a row is
   * reported (`ping-unanswered`). Without `ping` you assert that the server sends something every `intervalMs`; it is then
   * given up after `intervalMs` + 1 s + `timeoutMs` of silence. False: never given up. Omitted: as
   * { intervalMs: 14_000, timeoutMs: 5_000 } once two `{type:'HEARTBEAT'}` frames have shown that the server speaks
   * regularly; where they come more rarely than that, `intervalMs`
   * is a quarter more than the longest pause between two of them, up to 5 min.
   *
   * Does not see a frame before all of it is there, as no WebSocket shows a part: while one takes longer than that sum to
   * arrive, 20 s by default, the server looks dead and is dialled again. Where frames are big and links slow, raise
   * `timeoutMs` above the longest that one may take, or send smaller frames. @default undefined
   */
  readonly heartbeat?:
    | { readonly intervalMs: number; readonly timeoutMs: number; readonly ping?: () => string }
    | false;
  /**
   * Your word on a close, asked once per close: `backoff`, `refresh` (dial with a fresh token) or `reject` (give up), and
   * how long to wait at least. `failure` is why the handshake failed, with its HTTP status, where the platform tells: `ws` does,
   * browsers do not (docs/recipes/handshake-failures.md). Undefined: the close table (docs/protocol.md). @default the close table
   */
  readonly classifyClose?: ClassifyClose;
  /**
   * The delivery extension, made by `durableDelivery` of `statesocket/delivery`: what was missed comes again, and durable messages
   * of `send` wait in `connection.outbox`. Omitted: none of its code is there, and every server is a plain one; one that speaks
   * the extension is reported (`delivery-missing`). @default undefined
   */
  readonly delivery?: DeliveryExtension;
  /**
   * The app's own sources of network and page signals, in place of the platform's: for React Native, which has no `window` to
   * listen to (docs/recipes/react-native.md). Called once, when the connection is made; what it returns is called when it ends.
   * Tell `network.lost`, `network.restored`, `page.shown`, `page.suspended` or `page.resumed`. What it does wrong is reported
   * (`signals-failed`). @default the platform's own: those of `window` and `document`, or of a Web Worker
   */
  readonly signals?: SignalSource;
  /** Watches the charts with XState's inspection API. Sees transitions and never a frame, the token or the URL. */
  readonly inspect?: ((event: InspectionEvent) => void) | Observer<InspectionEvent>;
  /**
   * A flight recorder, made by `flightRecorder`: `connection.recording()` tells what the charts did last, without a message,
   * token, URL or user. Omitted: nothing is recorded, and none of its code is there. @default undefined
   */
  readonly recorder?: RecorderExtension;
  /**
   * Time. `now` must be monotonic; `wallNow`, if there is one, is the time of day. One that throws, runs back or says no number is
   * reported once (`clock-failed`), and the platform's stands in. @default the platform's, looked up at each call
   */
  readonly clock?: Clock;
  /** Randomness in [0, 1) for the jitter. @default Math.random */
  readonly random?: () => number;
}

/** The chart's settings: the options where given, made total, and the defaults elsewhere. */
export const settingsOf = <M extends { type: string }>(
  options: ConnectionOptions<M>,
  report: (error: StatesocketError) => void,
): ConnectionSettings => {
  const backoffFailed = (cause: unknown): void =>
    report(
      new StatesocketError('backoff-failed', 'The backoff failed; the default delay is used.', { cause }),
    );
  const classifyFailed = (cause: unknown): void =>
    report(
      new StatesocketError('classify-failed', 'classifyClose failed; the close table is used.', { cause }),
    );
  const random = options.random ?? DEFAULT_SETTINGS.random;
  return {
    maxRetries: options.maxRetries ?? DEFAULT_SETTINGS.maxRetries,
    connectTimeoutMs: options.connectTimeoutMs ?? DEFAULT_SETTINGS.connectTimeoutMs,
    stableAfterMs: options.stableAfterMs ?? DEFAULT_SETTINGS.stableAfterMs,
    probeTimeoutMs: options.heartbeat ? options.heartbeat.timeoutMs : DEFAULT_SETTINGS.probeTimeoutMs,
    classifyClose: safeClassifyClose(options.classifyClose ?? DEFAULT_SETTINGS.classifyClose, classifyFailed),
    backoff: safeBackoff(options.backoff ?? DEFAULT_SETTINGS.backoff, backoffFailed),
    random: safeRandom(random, (cause) =>
      report(
        new StatesocketError('random-failed', "The random option failed; the platform's chance is used.", {
          cause,
        }),
      ),
    ),
  };
};

/** Jitter is no reason to break: a source that throws or leaves [0, 1) is replaced for that one draw. */
const safeRandom = (random: () => number, onFault: (cause: unknown) => void) => (): number => {
  try {
    const value: unknown = random();
    if (typeof value === 'number' && value >= 0 && value < 1) return value;
    onFault(new RangeError('random() must return a number from 0 up to, not including, 1.'));
  } catch (cause) {
    onFault(cause);
  }
  return Math.random();
};

/** How the socket actor judges silence; null: not at all. */
export const heartbeatOf = ({
  heartbeat,
}: Pick<ConnectionOptions<never>, 'heartbeat'>): HeartbeatPolicy | null => {
  if (heartbeat === false) return null;
  if (heartbeat !== undefined) {
    const { intervalMs, timeoutMs, ping } = heartbeat;
    return { intervalMs, timeoutMs, ping, from: 'open', keptBy: ping === undefined ? 'server' : 'ping' };
  }
  return {
    intervalMs: DEFAULT_HEARTBEAT_INTERVAL_MS,
    timeoutMs: DEFAULT_PROBE_TIMEOUT_MS,
    ping: undefined,
    from: 'heartbeats',
    keptBy: 'server',
  };
};
