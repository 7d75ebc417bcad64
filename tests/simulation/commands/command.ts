/** What a server puts into a frame. Ids tell apart what must be told apart: 1 and '1' differ. */
export interface Member {
  readonly is: 'A' | 'B' | 'unheard' | 'ERROR' | 'HEARTBEAT' | 'nested' | 'untyped' | 'binary';
  /** What is neither a string with characters nor a safe integer cannot be acknowledged. */
  readonly id?: number | string | null | { readonly not: 'an id' };
}

export type Frame =
  | { readonly of: 'one' | 'array' | 'batch'; readonly members: readonly Member[] }
  | { readonly of: 'bytes' | 'blob' | 'text' | 'poison' };

export type Wish =
  | { readonly wish: 'connect'; readonly userId: string }
  | { readonly wish: 'disconnect' | 'logout' | 'retry' | 'dispose' };

/** Where the connection calls what it was given. */
export type CallPoint =
  | 'message listener'
  | 'subscriber'
  | 'onError listener'
  | 'getToken'
  | 'url'
  | 'WebSocket'
  | 'backoff'
  | 'classifyClose'
  | 'ping';

export type Answer = 'value' | 'null' | 'throws' | 'value soon' | 'null soon' | 'rejects' | 'held';

export type Signal =
  | 'offline'
  | 'online'
  | 'focus'
  | 'shown'
  | 'hidden'
  | 'pagehide'
  | 'pagehide for good'
  | 'pageshow'
  | 'first pageshow'
  | 'freeze'
  | 'resume';

/** One thing that happens to a connection. Plain data, so that it prints, shrinks and replays. */
export type Command =
  | ({ readonly does: 'wish' } & Wish)
  /** The next call at this point wishes, or throws. */
  | {
      readonly does: 'arm';
      readonly at: CallPoint;
      readonly to: Wish | 'throw' | 'listen' | 'unlisten' | 'promise';
    }
  | { readonly does: 'answer'; readonly who: 'getToken' | 'url'; readonly how: Answer }
  /** A promise that is held is settled; `nth`: counted from the one held last. */
  | { readonly does: 'settle'; readonly nth: number; readonly how: 'value' | 'null' | 'rejects' }
  | {
      readonly does: 'line';
      readonly fault: 'no socket' | 'send throws' | 'close throws' | 'close echoes' | 'none';
    }
  /** The app answers, somebody connects, and the server accepts: a life that goes on. */
  | { readonly does: 'recover' }
  | { readonly does: 'open' | 'half-close' | 'err' }
  | {
      readonly does: 'close';
      readonly code: number;
      readonly wasClean: boolean;
      readonly quotesToken: boolean;
    }
  | { readonly does: 'frame'; readonly frame: Frame }
  /** A socket that is over speaks; `nth`: counted from the newest. */
  | { readonly does: 'late'; readonly nth: number; readonly what: 'open' | 'frame' | 'error' | 'close' }
  | { readonly does: 'signal'; readonly signal: Signal }
  | { readonly does: 'pass'; readonly ms: number }
  /** `first`: what comes before the timers that are late by then: nothing, or a held answer. */
  | { readonly does: 'sleep'; readonly ms: number; readonly first: 'nothing' | 'an answer' }
  /** Time passes until the next timer has fired. */
  | { readonly does: 'pass on' }
  | { readonly does: 'send'; readonly what: 'message' | 'bytes' | 'a circle' }
  | { readonly does: 'listen' | 'unlisten' }
  /** The promise that a listener has returned first of those that are not settled. */
  | { readonly does: 'fulfil'; readonly how: 'value' | 'rejects' };

/** What a connection is made with. */
export interface Settings {
  /** What it asks of the app for an attempt. */
  readonly asks: 'token and url' | 'url' | 'nothing';
  readonly heartbeat: 'by habit' | 'off' | 'asserted' | 'asked';
  readonly maxRetries: number;
  readonly stableAfterMs: number;
  readonly stepMs: number;
  readonly spreadMs: number;
  /** What `clock.now()` is worth. */
  readonly clock: 'right' | 'stands still' | 'runs back' | 'is NaN' | 'throws';
  readonly acks: boolean;
  readonly hearsAll: boolean;
  /** What the platform says of the network when the connection is made. It may be wrong. */
  readonly online: boolean;
}
