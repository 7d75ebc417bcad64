'use client';

import { useContext, useEffect, useInsertionEffect, useRef } from 'react';
import { ReactReduxContext } from 'react-redux';
import { createReduxBridgeHook } from './redux-bridge-hook.ts';

/**
 * {@link bridgeToRedux} while the component is mounted. Put it in one component, below react-redux's `Provider`. The
 * map may be a new object on each render: the newest entry is used, and only a change of its message types, or of
 * `inOrder`, subscribes again.
 *
 * @param dispatch where to dispatch. @default the dispatch of the nearest react-redux `Provider`
 * @param options.inOrder types whose order among each other matters, see {@link ReduxBridgeOptions}. @default none
 * @throws {StatesocketError} `bad-option` without a connection, or without a `Provider` and without `dispatch`.
 *
 * @example
 * useReduxBridge(connection, { TYPING: (messages) => messages.map((m) => setUserTyping(m.conversationId)) });
 */
export const useReduxBridge = /* @__PURE__ */ createReduxBridgeHook(() => ({
  useContext,
  useEffect,
  useInsertionEffect,
  useRef,
  ReactReduxContext,
}));
