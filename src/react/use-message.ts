import { useEffect, useInsertionEffect, useRef } from 'react';
import type { MessageOfType } from '../client/connection.ts';
import { needTypeAndFunction } from '../client/need-function.ts';
import type { RegisteredMessage } from './register.ts';
import { useProvided } from './use-provided.ts';

/**
 * Runs the handler for each message of one type while the component is mounted; `'binary'` for binary frames, `'PRESENCE'` for
 * those of the delivery extension. The newest handler runs: pass a new function on each render, nothing is subscribed again.
 *
 * Does not re-render and does not keep messages. A component that one message mounts misses the next of the same batch:
 * docs/recipes/messages-that-mount.md. A handler that throws or rejects is reported (`listener-failed`). For a stream into a
 * Redux store use `useReduxBridge`, which dispatches once a frame.
 *
 * @example
 * useMessage('TYPING', (message) => setTypingIn(message.conversationId));
 */
export const useMessage = <T extends RegisteredMessage['type'] | 'binary' | 'PRESENCE'>(
  type: T,
  handler: (message: MessageOfType<RegisteredMessage, T>) => unknown,
): void => {
  const connection = useProvided('useMessage');
  needTypeAndFunction('useMessage', type, handler);
  const newest = useRef(handler);
  useInsertionEffect(() => {
    newest.current = handler;
    // The subscription ends a moment after the component has gone: until then a message finds nobody.
    return () => {
      newest.current = () => undefined;
    };
  });
  useEffect(() => connection.on(type, (message) => newest.current(message)), [connection, type]);
};
