import { randomUUID } from 'node:crypto';
import type { Database } from '../database/open-database.ts';
import { inTransaction } from '../database/transactions.ts';
import type { Log } from '../operations/log.ts';
import type { Durable, Publisher } from '../socket/announcements.ts';
import type { Changes } from './changes.ts';

/** How often it is looked for what could not be told, and how old it is by then: what is younger is being told. */
const LOOK_MS = 5_000;
const STEP_COUNT = 100;

/** A row of the outbox, and what it says. */
interface Row {
  readonly id: string;
  readonly userIds: readonly string[];
  readonly message: Durable;
}

/** What the outbox needs of the gateway: each row is published under its own name, so that publishing it again is harmless. */
export interface OutboxPublisher extends Publisher {
  publish(
    userIds: readonly string[],
    message: Durable,
    origin?: { readonly outbox: string; readonly row: number },
  ): Promise<unknown>;
}

/**
 * The logs are elsewhere than the app's rows: what is said is committed with the rows as a row of an outbox, published after
 * that, and then deleted. What a crash or a failure leaves in the outbox any server publishes, some seconds later.
 */
export const createAnnouncementOutbox = (options: {
  readonly db: Database;
  readonly publisher: OutboxPublisher;
  readonly log: Log['error'];
}): Changes & {
  /** Publishes what is left there from before. */
  sweep(): Promise<void>;
  /** Sweeps no more. */
  close(): Promise<void>;
} => {
  const { db, publisher, log } = options;

  const tell = async ({ id, userIds, message }: Row): Promise<void> => {
    await publisher.publish(userIds, message, { outbox: `announcement ${id}`, row: 1 });
    await db.deleteFrom('announcements').where('id', '=', id).execute();
  };
  const tellAll = async (rows: readonly Row[]): Promise<void> => {
    for (const row of rows) await tell(row);
  };
  const sweep = async (): Promise<void> => {
    for (;;) {
      const rows = await db
        .selectFrom('announcements')
        .selectAll()
        .where('createdAt', '<', Date.now() - LOOK_MS)
        .orderBy('position')
        .limit(STEP_COUNT)
        .execute();
      await tellAll(
        rows.map(({ id, userIds, message }) => ({
          id,
          userIds: JSON.parse(userIds) as string[],
          message: JSON.parse(message) as Durable,
        })),
      );
      if (rows.length < STEP_COUNT) return;
    }
  };

  let sweeping: Promise<void> | null = null;
  const timer = setInterval(() => {
    sweeping ??= sweep()
      .catch((error: unknown) => log(error, 'Announcements wait: they could not be told.'))
      .finally(() => {
        sweeping = null;
      });
  }, LOOK_MS);
  // No process stays for it.
  timer.unref();

  return {
    sweep,
    async close() {
      clearInterval(timer);
      await sweeping;
    },
    async make(work) {
      let rows: Row[] = [];
      let after: (() => void)[] = [];
      const result = await inTransaction(db, [], async (transaction) => {
        rows = [];
        after = [];
        const worked = await work(transaction, {
          async publish(userIds, message) {
            if (userIds.length > 0) rows.push({ id: randomUUID(), userIds, message });
          },
          publishVolatile: (userIds, message) =>
            void after.push(() => publisher.publishVolatile(userIds, message)),
          isOnline: (userId) => publisher.isOnline(userId),
        });
        const createdAt = Date.now();
        const values = rows.map(({ id, userIds, message }) => ({
          id,
          userIds: JSON.stringify(userIds),
          message: JSON.stringify(message),
          createdAt,
        }));
        if (values.length > 0) await transaction.insertInto('announcements').values(values).execute();
        return worked;
      });
      // The change is committed: what cannot be told now is told later, and the request succeeds.
      await tellAll(rows).catch((error: unknown) => log(error, 'An announcement failed.'));
      for (const action of after) action();
      return result;
    },
  };
};
