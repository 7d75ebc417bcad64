import type { BinaryMessage, OutgoingMessage, WireMessage } from '../protocol/message.ts';
import { checkOptions } from './check-options.ts';
import type { Connection, MessageOfType } from './connection.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { OutboxEntry } from './delivery-view.ts';
import type { Diagnostics } from './diagnostics.ts';
import { needFunction, needTypeAndFunction } from './need-function.ts';
import { userIdOf } from './user-id.ts';
import { wireConnection } from './wire-connection.ts';

const isWaiting = ({ state }: OutboxEntry): boolean => state === 'queued' || state === 'sent';

/** Makes a connection, with what it says to whoever writes the app. */
export const makeConnection = <
  M extends { type: string } = WireMessage,
  S extends { readonly type: string } = OutgoingMessage,
>(
  options: ConnectionOptions<M, S>,
  diagnostics: Diagnostics,
): Connection<M, S> => {
  checkOptions(options, diagnostics);
  const {
    actor,
    delivery,
    errors,
    listeners,
    openListeners,
    recorder,
    sending,
    snapshots,
    wishes,
    isOver,
    dispose,
  } = wireConnection(options, diagnostics);
  const leaves = diagnostics.made(options, (error) => {
    if (!isOver()) errors.report(error);
  });

  return {
    connect: (user) => wishes('connect', { type: 'user.connect', userId: userIdOf(user?.userId) }),
    disconnect: () => wishes('disconnect', { type: 'user.disconnect' }),
    logout: () => wishes('logout', { type: 'user.logout' }),
    retry: () => wishes('retry', { type: 'user.retry' }),
    send: sending.send,
    sendBinary: sending.sendBinary,
    on: <T extends M['type'] | 'binary' | 'PRESENCE'>(
      type: T,
      listener: (message: MessageOfType<M, T>) => unknown,
    ) => {
      needTypeAndFunction('on', type, listener);
      return listeners.on(type, listener as (message: { type: string }) => void);
    },
    onMessage: (listener: (message: M | BinaryMessage) => unknown) => {
      needFunction('onMessage(listener)', listener);
      return listeners.onMessage(listener as (message: { type: string }) => void);
    },
    get status() {
      return snapshots.current.status;
    },
    get userId() {
      const chart = actor.getSnapshot();
      return chart.status === 'active' ? chart.context.userId : null;
    },
    getSnapshot: () => snapshots.current,
    subscribe(listener) {
      needFunction('subscribe(listener)', listener);
      return snapshots.subscribe(listener);
    },
    onOpen(listener) {
      needFunction('onOpen(listener)', listener);
      return openListeners.onOpen(listener);
    },
    outbox: delivery.outbox,
    onDiscontinuity(listener) {
      needFunction('onDiscontinuity(listener)', listener);
      return delivery.onDiscontinuity(listener);
    },
    delivery: { getSnapshot: delivery.getSnapshot, subscribe: delivery.subscribe },
    onError(listener) {
      needFunction('onError(listener)', listener);
      return errors.onError(listener);
    },
    recording: (limits) =>
      recorder?.take(
        {
          outboxCount: delivery.outbox.entries.filter(isWaiting).length,
          appliedCount: delivery.getSnapshot().appliedCount,
        },
        limits,
      ) ?? null,
    actor,
    dispose() {
      leaves();
      dispose();
    },
  };
};
