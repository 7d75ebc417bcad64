'use client';

import { useEffect, useInsertionEffect, useRef } from 'react';
import type { Connection } from '../client/connection.ts';
import { needConnection } from '../client/need-connection.ts';
import { bridgeToToasts } from './bridge-to-toasts.ts';
import type { MessageToast, ToastPolicy } from './toast-policy.ts';

/**
 * {@link bridgeToToasts} while the component is mounted. Put it in one component. The policy may be a new object on each
 * render: the newest one is used. Other message types, levels or limits subscribe again, as do errors coming or going.
 *
 * @example
 * useToastBridge(connection, { messages: { GROUP_UPDATED: { id: () => 'group', text: () => 'Group updated' } } });
 */
export const useToastBridge = <M extends { type: string }>(
  connection: Connection<M>,
  policy: NoInfer<ToastPolicy<M>>,
): void => {
  needConnection('useToastBridge', connection);
  const newest = useRef(policy);
  useInsertionEffect(() => {
    newest.current = policy;
  });
  const { limitCount } = policy;
  const listensToErrors = policy.errors !== undefined;
  const levels = JSON.stringify(
    Object.entries<MessageToast<never> | undefined>(policy.messages ?? {}).map(([type, entry]) => [
      type,
      entry?.level ?? 'info',
    ]),
  );
  useEffect(() => {
    const current = (type: string) =>
      (newest.current.messages as Record<string, MessageToast<unknown> | undefined> | undefined)?.[type];
    const steady = (JSON.parse(levels) as [string, MessageToast<unknown>['level']][]).map(([type, level]) => [
      type,
      {
        id: (message: unknown) => current(type)?.id(message) ?? type,
        text: (message: unknown, count: number) => current(type)?.text(message, count) ?? null,
        level,
      },
    ]);
    return bridgeToToasts(connection, {
      messages: Object.fromEntries(steady) as NonNullable<ToastPolicy<M>['messages']>,
      snapshot: (next, previous) => newest.current.snapshot?.(next, previous) ?? null,
      ...(listensToErrors ? { errors: (error) => newest.current.errors?.(error) ?? null } : {}),
      ...(limitCount === undefined ? {} : { limitCount }),
    });
  }, [connection, levels, listensToErrors, limitCount]);
};
