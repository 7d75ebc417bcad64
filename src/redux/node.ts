/**
 * `statesocket/redux` as Node itself reads it: importing it needs neither react nor react-redux, so that a bot or a worker can bridge
 * a connection to its store. The hook finds the two when it is called, as the rest of a rendering process has them. Bundlers
 * take the index instead, whose imports they can see.
 */
import { createRequire } from 'node:module';
import { createReduxBridgeHook, type ReduxBridgeReact } from './redux-bridge-hook.ts';

export { bridgeToRedux } from './bridge-to-redux.ts';
export { connectionSlice } from './connection-slice.ts';

let found: ReduxBridgeReact | null = null;

/** As `useReduxBridge` of the index. Its imports of React wait for the first call. */
export const useReduxBridge = /* @__PURE__ */ createReduxBridgeHook(() => {
  if (found === null) {
    const require = createRequire(import.meta.url);
    const react: Omit<ReduxBridgeReact, 'ReactReduxContext'> = require('react');
    const reactRedux: Pick<ReduxBridgeReact, 'ReactReduxContext'> = require('react-redux');
    found = { ...react, ReactReduxContext: reactRedux.ReactReduxContext };
  }
  return found;
});
