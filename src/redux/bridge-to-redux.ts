import { scheduleFrame } from '../actors/frame-scheduler.ts';
import { createBridgeGuard } from '../bridge/bridge-guard.ts';
import { MAX_WAITING_COUNT } from '../bridge/bridge-options.ts';
import type { Connection, ConnectionSnapshot } from '../client/connection.ts';
import { afterDispatch } from '../client/dispatch-turn.ts';
import { needConnection } from '../client/need-connection.ts';
import { createCoalescer } from '../lib/coalescer.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import type { Names } from '../lib/unknown-names.ts';
import { connectionSlice } from './connection-slice.ts';
import type { ReduxBridgeOptions, ReduxMap, ReduxMapEntry } from './redux-map.ts';
import { createSteadyDispatch } from './steady-dispatch.ts';

const OPTIONS: Names<ReduxBridgeOptions<never>> = { onError: true, scheduleFrame: true, inOrder: true };

/** How often a store that threw is told of the connection again. */
const MAX_RETRIES = 3;

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
 * tabs too. At once is when all listeners of the WebSocket frame have run: a reducer of Redux Toolkit freezes what it stores,
 * and no listener gets a message that was frozen meanwhile. Order is kept within a type; across types where
 * `options.inOrder` says so. What arrived before a change of the connection is dispatched before it. Should more than
 * 20,000 messages wait for a frame, they are dispatched early. An ACK may leave up to a frame before its message is
 * dispatched; both die with the page.
 *
 * Does not connect, and does not listen to types without an entry. A throw in the app's functions is contained and
 * reported to `options.onError` (`bridge-failed`); rejected promises of thunks are the app's. An action that a store refuses
 * because a reducer runs (one that calls `logout()`) is dispatched right after it. Where a reducer throws on
 * `connectionChanged`, it is dispatched again, three times at most, a frame apart: the store does not stay behind.
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
  /** What the store was told of last; null: it has to be told, or the bridge has ended. */
  let shown: ConnectionSnapshot | null = null;
  const schedule = options.scheduleFrame ?? scheduleFrame;
  const dispatchOne = createSteadyDispatch(dispatch, guard);

  const messages = createCoalescer<string, { type: string }>({
    scheduleFrame: schedule,
    maxWaitingCount: MAX_WAITING_COUNT,
    defer: afterDispatch,
    deliver(_, waiting) {
      for (const run of runsOf(waiting)) {
        const type = run[0]?.type ?? '';
        const actions = guard(`The Redux map entry of ${type}`, () => entries.get(type)?.(run as never[]));
        for (const action of Array.isArray(actions) ? actions : [actions]) {
          if (action !== undefined) dispatchOne(action);
        }
      }
    },
  });

  let failedCount = 0;
  let cancelRetry: (() => void) | null = null;
  /** The store has not taken what is true: it is told again, in case it was the moment and not the action. */
  const retry = (): void => {
    failedCount += 1;
    if (failedCount > MAX_RETRIES || cancelRetry !== null) return;
    cancelRetry = schedule(() => {
      cancelRetry = null;
      showSnapshot();
    });
  };
  const showSnapshot = (): void => {
    const snapshot = connection.getSnapshot();
    if (snapshot === shown) return;
    shown = snapshot;
    messages.flush();
    // What was dispatched may have ended the bridge, or changed the connection.
    if (shown !== snapshot) return;
    if (dispatchOne(connectionSlice.actions.connectionChanged(snapshot)) !== 'failed') failedCount = 0;
    else if (shown === snapshot) {
      shown = null;
      retry();
    }
  };

  const subscriptions = [...entries.keys()].map((type) =>
    connection.on(type, (message) => messages.add(queues.get(type) ?? type, message)),
  );
  subscriptions.push(connection.subscribe(showSnapshot));
  showSnapshot();

  return () => {
    shown = null;
    cancelRetry?.();
    for (const unsubscribe of subscriptions) unsubscribe();
    messages.close();
  };
};
