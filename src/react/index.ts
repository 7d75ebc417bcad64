'use client';

/**
 * A provider that connects for the signed-in user, and hooks. Needs react, @xstate/react.
 * @module statesocket/react
 */
export { ConnectionProvider, type ConnectionProviderProps } from './connection-provider.tsx';
export type {
  ProvidedConnection,
  Register,
  RegisteredConnection,
  RegisteredMessage,
  RegisteredSend,
} from './register.ts';
export { useConnection } from './use-connection.ts';
export { useConnectionSnapshot } from './use-connection-snapshot.ts';
export { useConnectionStatus } from './use-connection-status.ts';
export { useDelivery } from './use-delivery.ts';
export { useMessage } from './use-message.ts';
export { useOutbox } from './use-outbox.ts';
export { useSend } from './use-send.ts';
