import { scheduleFrame } from '../actors/frame-scheduler.ts';
import { createBridgeGuard } from '../client/bridge-guard.ts';
import { MAX_WAITING_COUNT } from '../client/bridge-options.ts';
import type { Connection, ConnectionSnapshot } from '../client/connection.ts';
import { needConnection } from '../client/need-connection.ts';
import type { Names } from '../client/unknown-names.ts';
import { createCoalescer } from '../lib/coalescer.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import { connectionSlice } from './connection-slice.ts';
import type { Dispatchable, ReduxBridgeOptions, ReduxMap, ReduxMapEntry } from './redux-map.ts';

const OPTIONS: Names<ReduxBridgeOptions<never>> = { onError: true, scheduleFrame: true, inOrder: true };

/** Cuts messages into runs of one type, in their order. */
const runsOf = (messages: readonly { type: string }[]): readonly { type: string }[][] => {
  const runs: { type: string }[][] = [];
  for (const message of messages) {
    const run = runs.at(-1);
    if (run?.[0]?.type === message.type) run.push(message);
    else runs.push([message]);
  }
  return runs;
};

/**
 * Carries a connection into a Redux store: `connectionChanged` at once and on every change, and each message type of
 * `map` as the actions its entry makes.
 *
 * Messages are coalesced: at once when their type was idle for a frame, then at most once per type and frame, in hidden
 * tabs too. Order is kept within a type; across types where `options.inOrder` says so. What arrived before a change of the connection is dispatched
 * before it. Should more than 20,000 messages wait for a frame, they are dispatched early. An ACK may leave up to a frame
 * before its message is dispatched; both die with the page.
 *
 * Does not connect, and does not listen to types without an entry. A throw in the app's functions is contained and
 * reported to `options.onError` (`bridge-failed`); rejected promises of thunks are the app's.
 *
 * @throws {StatesocketError} `bad-option` without a connection.
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
  options: NoInfer<ReduxBridgeOptions<M>> = {},
): Unsubscribe => {
  needConnection('bridgeToRedux', connection);
  const guard = createBridgeGuard(options, { call: 'bridgeToRedux', names: OPTIONS });
  const entries = new Map<string, ReduxMapEntry<never>>(Object.entries(map));
  /** Types that share a queue, by the first of them. */
  const queues = new Map(
    (options.inOrder ?? []).flatMap((types) => types.map((type) => [type, types[0]] as const)),
  );
  let shown: ConnectionSnapshot | null = null;
  let stopped = false;

  const dispatchAll = (actions: Dispatchable | readonly Dispatchable[]): void => {
    for (const action of Array.isArray(actions) ? actions : [actions]) {
      guard('Dispatching to the store', () => dispatch(action as never));
    }
  };

  const messages = createCoalescer<string, { type: string }>({
    scheduleFrame: options.scheduleFrame ?? scheduleFrame,
    maxWaitingCount: MAX_WAITING_COUNT,
    deliver(_, waiting) {
      for (const run of runsOf(waiting)) {
        const type = run[0]?.type ?? '';
        const actions = guard(`The Redux map entry of ${type}`, () => entries.get(type)?.(run as never[]));
        if (actions !== undefined) dispatchAll(actions);
      }
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
    connection.on(type, (message) => messages.add(queues.get(type) ?? type, message)),
  );
  subscriptions.push(connection.subscribe(showSnapshot));
  showSnapshot();

  return () => {
    stopped = true;
    for (const unsubscribe of subscriptions) unsubscribe();
    messages.close();
  };
};
