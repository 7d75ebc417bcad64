/** The statuses of delivery. Every state of its chart carries exactly one of them as a tag. */
export const DELIVERY_STATUSES = [
  'waiting',
  'negotiating',
  'plain',
  'resuming',
  'live',
  'reloading',
  'stalled',
] as const;

/**
 * How messages come.
 * - `waiting`: no socket is open.
 * - `negotiating`: a socket is open, and the server has not said yet whether it speaks the delivery extension.
 * - `plain`: it does not. What is missed while away is not resent.
 * - `resuming`: it does, and was asked for what was missed.
 * - `live`: durable messages are applied as they come, missed ones first.
 * - `reloading`: messages are missing for good; the app loads its state again (`onDiscontinuity`).
 * - `stalled`: the reload failed; it is tried again soon.
 */
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Reads the status off any snapshot of the delivery chart. */
export const deliveryStatusOf = (snapshot: { hasTag(tag: DeliveryStatus): boolean }): DeliveryStatus => {
  for (const status of DELIVERY_STATUSES) {
    if (snapshot.hasTag(status)) return status;
  }
  throw new Error(
    'A state of the delivery chart carries no status: add one of DELIVERY_STATUSES to its tags.',
  );
};
