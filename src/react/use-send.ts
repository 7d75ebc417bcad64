import { useCallback } from 'react';
import type { RegisteredConnection } from './register.ts';
import { useProvided } from './use-provided.ts';

/**
 * `connection.send`, the same function on each render, typed by `send` of {@link Register}. Returns `refused` while
 * not open, and reports why.
 *
 * @example
 * const send = useSend();
 * <button onClick={() => send({ type: 'SEND_MESSAGE', conversationId, text })}>Send</button>
 */
export const useSend = (): RegisteredConnection['send'] => {
  const connection = useProvided('useSend');
  return useCallback<RegisteredConnection['send']>((message) => connection.send(message), [connection]);
};
