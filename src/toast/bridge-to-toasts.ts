import { scheduleFrame } from '../actors/frame-scheduler.ts';
import { createBridgeGuard } from '../bridge/bridge-guard.ts';
import { type BridgeOptions, MAX_WAITING_COUNT } from '../bridge/bridge-options.ts';
import type { Connection } from '../client/connection.ts';
import { needConnection } from '../client/need-connection.ts';
import { subscribeToChanges } from '../client/snapshot-changes.ts';
import { unknownNames } from '../client/unknown-names.ts';
import { createCoalescer } from '../lib/coalescer.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import type { Names } from '../lib/unknown-names.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { MessageToast, ToastPolicy, ToastText } from './toast-policy.ts';
import { createToastSlots, type ToastRequest } from './toast-slots.ts';

/** How many toasts a policy keeps alive unless it says otherwise. */
const DEFAULT_LIMIT_COUNT = 3;

const OPTIONS: Names<BridgeOptions> = { onError: true, scheduleFrame: true };
const POLICY: Names<ToastPolicy<never>> = { messages: true, snapshot: true, errors: true, limitCount: true };

/** The newest request of each of the last `limitCount` ids, and how many there were of it. */
const newestOf = (requests: readonly ToastRequest[], limitCount: number): [ToastRequest, number][] => {
  const byId = new Map<string, [ToastRequest, number]>();
  for (const request of requests) {
    const count = byId.get(request.id)?.[1] ?? 0;
    byId.delete(request.id);
    byId.set(request.id, [request, count + 1]);
  }
  return [...byId.values()].slice(-limitCount);
};

/**
 * Shows toasts (react-toastify) for what happens on a connection, as the policy says.
 *
 * Toasts are coalesced by id: while one is on the page it is updated, at most once a frame, with a rising count. At most
 * `limitCount` are alive; a further id takes the place of the toast that was updated longest ago. The app renders
 * react-toastify's `ToastContainer`; give that one no smaller `limit`. Texts are text, cut after 200 characters.
 *
 * A throw in the policy is contained and reported to `options.onError` (`bridge-failed`).
 *
 * @throws {StatesocketError} `bad-option` without a connection, or for a `limitCount` that is no integer from 1.
 * @returns ends the bridge: what is waiting is shown first; toasts on the page close by themselves.
 *
 * @example
 * const stop = bridgeToToasts(connection, {
 *   messages: {
 *     NEW_MESSAGE: {
 *       id: (message) => message.conversationId,
 *       text: ({ sender }, count) => (count === 1 ? `New message from ${sender}` : `${count} new messages`),
 *     },
 *   },
 *   snapshot: (next) =>
 *     next.status === 'failed' ? { id: 'failed', level: 'error', text: 'Unable to connect.' } : null,
 * });
 */
export const bridgeToToasts = <M extends { type: string }>(
  connection: Connection<M>,
  policy: NoInfer<ToastPolicy<M>>,
  options: BridgeOptions = {},
): Unsubscribe => {
  needConnection('bridgeToToasts', connection);
  const { limitCount = DEFAULT_LIMIT_COUNT } = policy;
  if (!Number.isInteger(limitCount) || limitCount < 1) {
    throw new StatesocketError('bad-option', 'bridgeToToasts: limitCount must be an integer from 1.');
  }
  const guard = createBridgeGuard(options, { call: 'bridgeToToasts', names: OPTIONS });
  guard.reportAll(unknownNames('bridgeToToasts: the policy', policy, POLICY));
  const slots = createToastSlots(limitCount);

  // One key for all ids: the wire chooses ids, so their number in a frame has no other bound.
  const requests = createCoalescer<'all', ToastRequest>({
    scheduleFrame: options.scheduleFrame ?? scheduleFrame,
    maxWaitingCount: MAX_WAITING_COUNT,
    deliver(_all, waiting) {
      for (const [request, count] of newestOf(waiting, limitCount)) {
        guard('Showing a toast', () => slots.show(request, count));
      }
    },
  });

  const request = (what: string, ask: () => ToastRequest | null): void => {
    const asked = guard(what, ask);
    if (asked !== null && asked !== undefined) requests.add('all', asked);
  };
  const ofText = (said: ToastText | null): ToastRequest | null =>
    said === null ? null : { id: said.id, text: () => said.text, level: said.level ?? 'info' };

  const toasts = Object.entries(policy.messages ?? {}) as [M['type'] | 'binary', MessageToast<unknown>][];
  const subscriptions = toasts.map(([type, { id, text, level = 'info' }]) =>
    connection.on(type, (message) =>
      request(`The toast policy of ${type}`, () => ({
        id: id(message),
        text: (count) => text(message, count),
        level,
      })),
    ),
  );
  subscriptions.push(
    subscribeToChanges(connection, (next, before) =>
      request('The toast policy of snapshots', () => ofText(policy.snapshot?.(next, before) ?? null)),
    ),
  );
  const { errors } = policy;
  if (errors !== undefined) {
    subscriptions.push(
      connection.onError((error) => request('The toast policy of errors', () => ofText(errors(error)))),
    );
  }

  return () => {
    for (const unsubscribe of subscriptions) unsubscribe();
    requests.close();
  };
};
