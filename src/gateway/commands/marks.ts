import { StatesocketError } from '../../protocol/errors.ts';
import type { Origin } from '../engine/decisions.ts';
import type { Mark } from '../engine/log.ts';

/**
 * The mark of a user's command in the slots of those it is told to. It names the sender, so that nobody can write the
 * mark of another; both names are quoted, so that no pair of them reads like another pair (I14).
 */
export const commandMark = (senderId: string, clientId: string, n: number): Mark => ({
  origin: `user:${JSON.stringify([senderId, clientId])}`,
  n,
});

/**
 * The mark of a row of an outbox of the app.
 *
 * @throws {StatesocketError} `bad-option`: a row that is no whole number from 1 could never be told from a repeat.
 */
export const outboxMark = ({ outbox, row }: Origin): Mark => {
  if (typeof outbox === 'string' && Number.isSafeInteger(row) && row > 0)
    return { origin: `app:${outbox}`, n: row };
  throw new StatesocketError(
    'bad-option',
    'An origin needs the name of an outbox and a whole row number from 1.',
  );
};
