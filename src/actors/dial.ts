import type { SocketEvent, SocketInput } from '../../machines/index.ts';
import { isError } from '../lib/realms.ts';
import { type ErrorCode, StatesocketError } from '../protocol/errors.ts';
import { mistake } from '../protocol/mistake.ts';
import { faultOfMixedContent } from './mixed-content.ts';
import { faultOfProtocols } from './subprotocols.ts';
import { tokenScrub } from './token-scrub.ts';
import type { WebSocketConstructor, WebSocketLike } from './web-socket-like.ts';

/** Asks the app for the user's token. Null: nobody is signed in, and nothing is dialled. */
export type GetToken = (request: {
  readonly userId: string;
  /** `connect`: any valid token will do. `refresh`: the last one was refused, ask for a new one. */
  readonly reason: 'connect' | 'refresh';
  /** Aborted when the attempt is given up; the result is then ignored. */
  readonly signal: AbortSignal;
}) => string | null | Promise<string | null>;

/** Makes the URL of one attempt. `token` is null where there is no `getToken`. */
export type GetUrl = (request: {
  readonly token: string | null;
  readonly userId: string;
  readonly signal: AbortSignal;
}) => string | Promise<string>;

/** Names the subprotocols of one attempt. `token` is null where there is no `getToken`. */
export type GetProtocols = (request: {
  readonly token: string | null;
  readonly userId: string;
  readonly signal: AbortSignal;
}) => string | string[] | Promise<string | string[]>;

export interface DialOptions {
  readonly url: string | GetUrl;
  readonly getToken?: GetToken | undefined;
  readonly protocols?: string | string[] | GetProtocols | undefined;
  /** Looked up at dial time. */
  readonly webSocket: () => WebSocketConstructor | undefined;
}

/** How long an attempt is wanted. */
export interface AttemptLimits {
  /** Aborted when it is given up. */
  readonly signal: AbortSignal;
  /** Whether its time is over, so that no socket may be made any more. */
  isOverdue(): boolean;
}

/** A socket that was made, with what is known of it. */
export interface Dialled {
  readonly socket: WebSocketLike;
  /** Its URL and subprotocols, without the token. */
  readonly place: string;
  /** Takes the token that it was dialled with out of a text. */
  readonly scrub: (text: string) => string;
  /** Why it will probably fail. Null: nothing is known. */
  readonly hint: string | null;
}

/** How an attempt to dial may end. */
export interface DialOutcome {
  dialled(dialled: Dialled): void;
  failed(event: SocketEvent, error?: StatesocketError): void;
}

/**
 * Goes on with a value that may be a promise. A plain value goes on at once, so that an app with its token at hand has
 * its socket when `connect()` returns.
 */
const settle = <T>(
  ask: () => T | Promise<T>,
  onValue: (value: T) => void,
  onFault: (cause: unknown) => void,
): void => {
  let answer: T | Promise<T>;
  let isPromise: boolean;
  try {
    answer = ask();
    isPromise = typeof (answer as { then?: unknown } | null | undefined)?.then === 'function';
  } catch (cause) {
    onFault(cause);
    return;
  }
  if (isPromise) {
    Promise.resolve(answer).then(onValue, onFault);
  } else {
    onValue(answer as T);
  }
};

/** The kind of an error, without its message: that may quote the token or the URL. */
const kindOf = (cause: unknown): string =>
  isError(cause) && /^\w{1,40}$/.test(cause.name) ? cause.name : 'not an Error';

const asItIs = (text: string): string => text;

/** What stands for a token where there is none, in words. */
const sayNoToken = (token: unknown): string => (token === '' ? 'an empty string' : String(token));

/**
 * Token, then URL, then subprotocols, then a socket. Stops silently once `signal` is aborted, and before the socket
 * when overdue. Never throws.
 */
export const dial = (
  options: DialOptions,
  input: SocketInput,
  { signal, isOverdue }: AttemptLimits,
  outcome: DialOutcome,
): void => {
  const { userId, reason } = input;
  const { url, getToken, protocols } = options;

  const failing =
    (cause: 'token' | 'url' | 'protocols', code: ErrorCode, who: string) =>
    (what: string): void => {
      const error = new StatesocketError(code, `${who} ${what}. The attempt counts as lost and is retried.`);
      outcome.failed({ type: 'attempt.failed', cause }, error);
    };
  const tokenFailed = failing('token', 'token-failed', 'getToken');
  const urlFailed = failing('url', 'url-failed', 'The url function');
  const protocolsFailed = failing('protocols', 'protocols-failed', 'The protocols function');

  const openSocket = (address: string, names: string | string[] | undefined, token: string | null): void => {
    if (isOverdue()) return;
    const Constructor = options.webSocket();
    if (Constructor === undefined) {
      outcome.failed(
        { type: 'socket.impossible' },
        mistake(['no-socket'], 'socket-impossible', 'There is no WebSocket on this platform.'),
      );
      return;
    }
    let socket: WebSocketLike;
    try {
      socket = names === undefined ? new Constructor(address) : new Constructor(address, names);
    } catch {
      // The platform's error quotes the URL, and with it the token.
      outcome.failed(
        { type: 'socket.impossible' },
        mistake(['impossible', address, names], 'socket-impossible', 'The platform cannot make this socket.'),
      );
      return;
    }
    const scrub = token === null ? asItIs : tokenScrub(token);
    const place = scrub(`${address} ${names ?? ''}`);
    outcome.dialled({ socket, place, scrub, hint: faultOfMixedContent(address) });
  };

  const askProtocols = (address: string, token: string | null): void => {
    if (typeof protocols !== 'function') {
      openSocket(address, protocols, token);
      return;
    }
    settle(
      () => protocols({ token, userId, signal }),
      (names: unknown) => {
        if (signal.aborted) return;
        const fault = names === undefined ? 'it returned undefined' : faultOfProtocols(names);
        if (fault === null) openSocket(address, names as string | string[], token);
        else protocolsFailed(`returned what cannot be offered: ${fault}`);
      },
      (cause) => protocolsFailed(`threw or rejected (${kindOf(cause)})`),
    );
  };

  const askUrl = (token: string | null): void => {
    if (typeof url === 'string') {
      askProtocols(url, token);
      return;
    }
    settle(
      () => url({ token, userId, signal }),
      (address: unknown) => {
        if (signal.aborted) return;
        if (typeof address === 'string') askProtocols(address, token);
        else urlFailed('returned something else than a string');
      },
      (cause) => urlFailed(`threw or rejected (${kindOf(cause)})`),
    );
  };

  if (getToken === undefined) {
    askUrl(null);
    return;
  }
  settle(
    () => getToken({ userId, reason, signal }),
    (token: unknown) => {
      if (signal.aborted) return;
      if (token === null || token === undefined || token === '') {
        outcome.failed(
          { type: 'token.missing' },
          // A refresh that brings no token shows as the status failed.
          reason === 'connect'
            ? mistake(
                ['token-missing'],
                'token-missing',
                `getToken returned ${sayNoToken(token)}: nobody is signed in, so nothing was dialled, and the connection is idle until connect().`,
              )
            : undefined,
        );
      } else if (typeof token === 'string') {
        askUrl(token);
      } else {
        tokenFailed('returned something else than a string or null');
      }
    },
    (cause) => tokenFailed(`threw or rejected (${kindOf(cause)})`),
  );
};
