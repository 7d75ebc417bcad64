/**
 * The connection and its messages in a Redux store. Needs @reduxjs/toolkit; the hook needs react and react-redux.
 * @module statesocket/redux
 */
export type { BridgeOptions } from '../bridge/bridge-options.ts';
export type { ScheduleFrame } from '../lib/coalescer.ts';
export { bridgeToRedux } from './bridge-to-redux.ts';
export { connectionSlice } from './connection-slice.ts';
export type { Dispatchable, ReduxBridgeOptions, ReduxMap, ReduxMapEntry } from './redux-map.ts';
export { useReduxBridge } from './use-redux-bridge.ts';
