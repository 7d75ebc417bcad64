import { type Id, toast } from 'react-toastify';
import type { ToastLevel } from './toast-policy.ts';

/** The longest text of a toast, in UTF-16 units; a longer one is cut and ends in an ellipsis. */
export const MAX_TOAST_TEXT_COUNT = 200;

/** What a slot is to show. */
export interface ToastRequest {
  readonly id: string;
  readonly text: (count: number) => string | null;
  readonly level: ToastLevel;
}

interface Slot {
  readonly toastId: Id;
  /** How many requests its text stands for. */
  readonly count: number;
  /** Set once react-toastify has put it on the page. Until then it waits for a ToastContainer, out of reach. */
  readonly opened: { yet: boolean };
}

const cut = (text: string): string =>
  text.length <= MAX_TOAST_TEXT_COUNT
    ? text
    : `${text.slice(0, MAX_TOAST_TEXT_COUNT - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;

/**
 * A bounded number of toasts. When all slots are taken, the one updated longest ago says the new text: dismissing it
 * would leave it on the page for its exit animation, and a burst would pile those up.
 */
export const createToastSlots = (limitCount: number) => {
  // The slot updated longest ago is first.
  const slots = new Map<string, Slot>();

  const forgetClosed = (): void => {
    for (const [id, { toastId, opened }] of slots) {
      if (opened.yet && !toast.isActive(toastId)) slots.delete(id);
    }
  };

  const open = (text: string, type: ToastLevel): Pick<Slot, 'toastId' | 'opened'> => {
    const opened = { yet: false };
    const onOpen = (): void => {
      opened.yet = true;
    };
    return { opened, toastId: toast(text, { type, onOpen }) };
  };

  const take = (id: string): Slot | undefined => {
    const oldest = slots.size >= limitCount ? slots.keys().next().value : undefined;
    const key = slots.has(id) ? id : oldest;
    if (key === undefined) return undefined;
    const slot = slots.get(key);
    slots.delete(key);
    return slot;
  };

  /** Shows the request on the toast of its id, or a new one. `newCount` requests have come since it was last shown. */
  const show = ({ id, text, level }: ToastRequest, newCount: number): void => {
    forgetClosed();
    const count = (slots.get(id)?.count ?? 0) + newCount;
    const said = text(count);
    if (said === null) return;
    const render = cut(said);
    const slot = take(id);
    // A null delay updates now; react-toastify's own default of 100 ms would revive a toast closed meanwhile.
    if (slot !== undefined) toast.update(slot.toastId, { render, type: level, delay: null });
    slots.set(id, { ...(slot ?? open(render, level)), count });
  };

  return { show };
};
