import type { ReactReduxContext } from 'react-redux';
import type { Connection } from '../client/connection.ts';
import { needConnection } from '../client/need-connection.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { bridgeToRedux } from './bridge-to-redux.ts';
import type { ReduxBridgeOptions, ReduxMap, ReduxMapEntry } from './redux-map.ts';

/** What the hook needs of React and react-redux. It is handed in, since Node finds them only when the hook is called. */
export interface ReduxBridgeReact
  extends Pick<typeof import('react'), 'useContext' | 'useEffect' | 'useInsertionEffect' | 'useRef'> {
  readonly ReactReduxContext: typeof ReactReduxContext;
}

/** `useReduxBridge`, as an app calls it. */
export type UseReduxBridge = <M extends { type: string }>(
  connection: Connection<M>,
  map: NoInfer<ReduxMap<M>>,
  dispatch?: (action: never) => unknown,
  options?: NoInfer<Pick<ReduxBridgeOptions<M>, 'inOrder'>>,
) => void;

/** Makes the hook. Calls nothing of React before the hook is called. */
export const createReduxBridgeHook = (react: () => ReduxBridgeReact): UseReduxBridge =>
  function useReduxBridge<M extends { type: string }>(
    connection: Connection<M>,
    map: NoInfer<ReduxMap<M>>,
    dispatch?: (action: never) => unknown,
    options: NoInfer<Pick<ReduxBridgeOptions<M>, 'inOrder'>> = {},
  ): void {
    needConnection('useReduxBridge', connection);
    const { useContext, useEffect, useInsertionEffect, useRef, ReactReduxContext } = react();
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
