import type { ByteView } from '../lib/byte-view.ts';
import type { Closing } from '../protocol/closing.ts';
import type { HeartbeatPolicy } from './server-watch.ts';

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
  /** Does nothing on a socket that is not open. May throw what the platform's `send` throws. */
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
