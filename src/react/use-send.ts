import { useCallback } from 'react';
import type { Connection } from '../client/connection.ts';
import { useProvided } from './use-provided.ts';

/**
 * `connection.send`, the same function on each render. Answers `refused` while not open, and reports why.
 *
 * @example
 * const send = useSend();
 * <button onClick={() => send({ type: 'SEND_MESSAGE', conversationId, text })}>Send</button>
 */
export const useSend = (): Connection['send'] => {
  const connection = useProvided('useSend');
  return useCallback<Connection['send']>((message) => connection.send(message), [connection]);
};
