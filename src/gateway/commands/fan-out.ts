import { StatesocketError } from '../../protocol/errors.ts';
import type { Publication } from '../engine/decisions.ts';
import type { Engine } from '../engine/engine.ts';
import type { Mark } from '../engine/log.ts';
import type { TakeTurn } from '../fair-scheduler.ts';
import type { AppendGate } from './append-gates.ts';
import { outboxMark } from './marks.ts';

/** Where the appends of one owner wait: for their turn at the event loop, and until few enough are under way. */
export interface Lane {
  readonly takeTurn: TakeTurn;
  readonly gate: AppendGate;
}

interface Group {
  readonly mark: Mark | undefined;
  readonly texts: string[];
}

/** Per recipient, what is appended together: all messages of one mark, since the mark lets nothing in after it. */
const groupsByUser = (publications: readonly Publication[], commandMark: Mark | undefined) => {
  const byUser = new Map<string, Map<string, Group>>();
  for (const { userIds, text, origin } of publications) {
    const mark = origin === undefined ? commandMark : outboxMark(origin);
    const name = mark === undefined ? '' : JSON.stringify([mark.origin, mark.n]);
    for (const userId of new Set(userIds)) {
      const groups = byUser.get(userId) ?? new Map<string, Group>();
      byUser.set(userId, groups);
      const group = groups.get(name) ?? { mark, texts: [] };
      groups.set(name, group);
      group.texts.push(text);
    }
  }
  return byUser;
};

/**
 * Stores publications in the log of each recipient: one transaction per recipient and mark, so that doing it again, after
 * a crash half-way, completes it and doubles nothing. Each append is a turn, and the first of each recipient is asked for at
 * once: of two fan-outs of one lane, with a mark each, the first reaches the log of each recipient first.
 *
 * @param commandMark The mark of the command they come from; publications with an origin of their own have that.
 * @throws {StatesocketError} `engine-failed` when a log could not take its messages; others may have theirs.
 */
export const fanOut = async (
  engine: Engine,
  { takeTurn, gate }: Lane,
  publications: readonly Publication[],
  commandMark?: Mark,
): Promise<void> => {
  const results = await Promise.allSettled(
    [...groupsByUser(publications, commandMark)].map(async ([userId, groups]) => {
      const place = gate.enter();
      if (place !== undefined) await place;
      try {
        for (const { mark, texts } of groups.values()) {
          const turn = takeTurn();
          if (turn !== undefined) await turn;
          await engine.append(userId, texts, mark);
        }
      } finally {
        gate.leave();
      }
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return;
  throw new StatesocketError('engine-failed', 'A message could not be stored.', { cause: failed.reason });
};
