import type { BridgeOptions } from '../bridge/bridge-options.ts';
import type { MessageOfType } from '../client/connection.ts';

/** What a store takes: an action, or a thunk. A thunk's state type is not checked against the store's. */
export type Dispatchable = { readonly type: string } | ((...args: never[]) => unknown);

/**
 * Turns the messages of one type that arrived within a frame, oldest first and at least one, into what to dispatch.
 * An empty array dispatches nothing.
 */
export type ReduxMapEntry<M> = (messages: readonly M[]) => Dispatchable | readonly Dispatchable[];

/**
 * One entry a message type; `PRESENCE` is the delivery extension's. Types without an entry are not listened to. `binary`
 * gets binary frames as `{ type: 'binary', data: ArrayBuffer }`: keep the bytes out of actions (they do not
 * serialise), for example in a thunk that stores them elsewhere and dispatches an id.
 */
export type ReduxMap<M extends { type: string }> = {
  readonly [T in M['type'] | 'binary' | 'PRESENCE']?: ReduxMapEntry<MessageOfType<M, T>>;
};

/** Settings of a Redux bridge, all of them optional. */
export interface ReduxBridgeOptions<M extends { type: string }> extends BridgeOptions {
  /**
   * Types whose order among each other matters: of each list they are dispatched in the order of the wire, each entry with
   * what came in succession. It costs coalescing: types that take turns are an action each. @default none
   *
   * @example
   * bridgeToRedux(connection, dispatch, map, { inOrder: [['USER_ONLINE', 'USER_OFFLINE']] });
   */
  readonly inOrder?: readonly (readonly (M['type'] | 'binary' | 'PRESENCE')[])[];
}
