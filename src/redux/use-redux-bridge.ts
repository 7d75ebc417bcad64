import { useContext, useEffect, useInsertionEffect, useRef } from 'react';
import { ReactReduxContext } from 'react-redux';
import type { Connection } from '../client/connection.ts';
import { needConnection } from '../client/need-connection.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { bridgeToRedux } from './bridge-to-redux.ts';
import type { ReduxBridgeOptions, ReduxMap, ReduxMapEntry } from './redux-map.ts';

/**
 * {@link bridgeToRedux} while the component is mounted. Put it in one component, below react-redux's `Provider`. The
 * map may be a new object on each render: the newest entry answers, and only a change of its message types, or of
 * `inOrder`, subscribes anew.
 *
 * @param dispatch where to dispatch. @default the dispatch of the nearest react-redux `Provider`
 * @param options.inOrder types whose order among each other matters, see {@link ReduxBridgeOptions}. @default none
 * @throws {StatesocketError} `bad-option` without a connection, or without a `Provider` and without `dispatch`.
 *
 * @example
 * useReduxBridge(connection, { TYPING: (messages) => messages.map((m) => setUserTyping(m.conversationId)) });
 */
export const useReduxBridge = <M extends { type: string }>(
  connection: Connection<M>,
  map: NoInfer<ReduxMap<M>>,
  dispatch?: (action: never) => unknown,
  options: NoInfer<Pick<ReduxBridgeOptions<M>, 'inOrder'>> = {},
): void => {
  needConnection('useReduxBridge', connection);
  const provided = useContext(ReactReduxContext)?.store.dispatch;
  const target = dispatch ?? provided;
  if (target === undefined) {
    throw new StatesocketError(
      'bad-option',
      'useReduxBridge needs a react-redux Provider above it, or a dispatch as its third argument.',
    );
  }
  const newest = useRef(map);
  useInsertionEffect(() => {
    newest.current = map;
  });
  const types = JSON.stringify(Object.keys(map).sort());
  const inOrder = JSON.stringify(options.inOrder ?? []);
  useEffect(() => {
    const current = (type: string) =>
      (newest.current as Record<string, ReduxMapEntry<never> | undefined>)[type];
    const steady = (JSON.parse(types) as string[]).map((type): [string, ReduxMapEntry<never>] => [
      type,
      (messages) => current(type)?.(messages) ?? [],
    ]);
    return bridgeToRedux(connection, target, Object.fromEntries(steady) as ReduxMap<M>, {
      inOrder: JSON.parse(inOrder) as M['type'][][],
    });
  }, [connection, target, types, inOrder]);
};
