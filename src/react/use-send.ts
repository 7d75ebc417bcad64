import { useCallback } from 'react';
import type { SendResult } from '../client/connection.ts';
import { useConnection } from './use-connection.ts';

/**
 * `connection.send`, the same function on each render. Answers `refused` while not open, and reports why.
 *
 * @example
 * const send = useSend();
 * <button onClick={() => send({ type: 'SEND_MESSAGE', conversationId, text })}>Send</button>
 */
export const useSend = (): ((message: { readonly type: string }) => SendResult) => {
  const connection = useConnection();
  return useCallback((message) => connection.send(message), [connection]);
};
