import { type ReactNode, useEffect } from 'react';
import { ConnectionProvider } from 'statesocket/react';
import { useToastBridge } from 'statesocket/toast';
import { handleMessages } from '../../../services/handlers/websocket/MessageHandler.ts';
import { WebSocketClient } from '../../../services/handlers/websocket/WebSocketClient.ts';
import { settleOutbox } from '../../../store/settle-outbox.ts';
import { useAppDispatch, useAppStore } from '../../../store/store.ts';
import { toastPolicy } from '../../../toasts/toast-policy.ts';
import { useAuth } from '../auth-context.tsx';

/**
 * Connects the signed-in user for as long as it is mounted, and hands what comes to the store and the toasts. It sits
 * inside the auth guard; `AuthProvider.logout()` logs the connection out before the guard unmounts it.
 */
export function WebSocketProvider({ children }: { children: ReactNode }) {
  const { user } = useAuth();
  const { connection } = WebSocketClient.getInstance();
  const dispatch = useAppDispatch();
  const store = useAppStore();
  useEffect(() => handleMessages(connection, dispatch), [connection, dispatch]);
  useEffect(() => settleOutbox(connection.outbox, store), [connection, store]);
  useToastBridge(connection, toastPolicy(store));
  return (
    <ConnectionProvider connection={connection} userId={user?.id ?? null}>
      {children}
    </ConnectionProvider>
  );
}
