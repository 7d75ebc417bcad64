import { scheduleFrame } from '../actors/frame-scheduler.ts';
import { createBridgeGuard } from '../client/bridge-guard.ts';
import { type BridgeOptions, MAX_WAITING_COUNT } from '../client/bridge-options.ts';
import type { Connection, ConnectionSnapshot, Unsubscribe } from '../client/connection.ts';
import { createCoalescer } from '../lib/coalescer.ts';
import { connectionSlice } from './connection-slice.ts';
import type { Dispatchable, ReduxMap, ReduxMapEntry } from './redux-map.ts';

/**
 * Carries a connection into a Redux store: `connectionChanged` at once and on every change, and each message type of
 * `map` as the actions its entry makes.
 *
 * Messages are coalesced: at once when their type was idle for a frame, then at most once per type and frame, in hidden
 * tabs too. Order is kept within a type, not across types. What arrived before a change of the connection is dispatched
 * before it. Should more than 20,000 messages wait for a frame, they are dispatched early. An ACK may leave up to a frame
 * before its message is dispatched; both die with the page.
 *
 * Does not connect, and does not listen to types without an entry. A throw in the app's functions is contained and
 * reported to `options.onError` (`bridge-failed`); rejected promises of thunks are the app's.
 *
 * @returns ends the bridge: what is waiting is dispatched first, nothing after.
 *
 * @example
 * const stop = bridgeToRedux(connection, store.dispatch, {
 *   NEW_MESSAGE: (messages) => addChatMessage(messages.map((message) => message.payload)),
 *   GROUP_UPDATED: (messages) => messages.map((message) => fetchOneGroup(message.groupId)),
 * });
 */
export const bridgeToRedux = <M extends { type: string }>(
  connection: Connection<M>,
  dispatch: (action: never) => unknown,
  map: NoInfer<ReduxMap<M>>,
  options: BridgeOptions = {},
): Unsubscribe => {
  const guard = createBridgeGuard(options);
  const entries = new Map(Object.entries(map) as [M['type'] | 'binary', ReduxMapEntry<never>][]);
  let shown: ConnectionSnapshot | null = null;
  let stopped = false;

  const dispatchAll = (actions: Dispatchable | readonly Dispatchable[]): void => {
    for (const action of Array.isArray(actions) ? actions : [actions]) {
      guard('Dispatching to the store', () => dispatch(action as never));
    }
  };

  const messages = createCoalescer<M['type'] | 'binary', unknown>({
    scheduleFrame: options.scheduleFrame ?? scheduleFrame,
    maxWaitingCount: MAX_WAITING_COUNT,
    deliver(type, waiting) {
      const actions = guard(`The Redux map entry of ${type}`, () => entries.get(type)?.(waiting as never[]));
      if (actions !== undefined) dispatchAll(actions);
    },
  });

  const showSnapshot = (): void => {
    const snapshot = connection.getSnapshot();
    if (stopped || snapshot === shown) return;
    shown = snapshot;
    messages.flush();
    dispatchAll(connectionSlice.actions.connectionChanged(snapshot));
  };

  const subscriptions = [...entries.keys()].map((type) =>
    connection.on(type, (message) => messages.add(type, message)),
  );
  subscriptions.push(connection.subscribe(showSnapshot));
  showSnapshot();

  return () => {
    stopped = true;
    for (const unsubscribe of subscriptions) unsubscribe();
    messages.close();
  };
};
