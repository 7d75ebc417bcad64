import { CompiledQuery } from 'kysely';
import type { PostgresEngine } from 'statesocket/gateway/postgres';
import type { Database } from '../database/open-database.ts';
import { inTransaction } from '../database/transactions.ts';
import type { Publisher } from '../socket/announcements.ts';
import type { Changes, CommandChanges } from './changes.ts';

type Said = Parameters<PostgresEngine['publishIn']>;

type Saying = readonly [userIds: readonly string[], message: Said[2]];

/**
 * In an order in which no two transactions wait for each other: by user, where each is for one. One that is for many holds
 * all of them at once.
 */
const inOrder = (said: readonly Saying[]): readonly Saying[] =>
  said.every(([userIds]) => userIds.length === 1)
    ? said.toSorted(([[a = '']], [[b = '']]) => (a < b ? -1 : Number(a > b)))
    : said;

/** The transaction as a client of `pg`. */
const clientOf = (transaction: Database): Said[0] => ({
  async query(text, values) {
    const { rows } = await transaction.executeQuery(CompiledQuery.raw(text, values));
    return { rows };
  },
});

/**
 * The app's rows and the logs are in one database: what is said is committed with the rows that it is about.
 *
 * @param live What is live goes to sockets by it, after the commit.
 */
export const publishedInTransaction = (
  db: Database,
  engine: Pick<PostgresEngine, 'publishIn'>,
  live: Pick<Publisher, 'publishVolatile' | 'isOnline'>,
): { readonly changes: Changes; readonly commandChanges: CommandChanges } => {
  const commit = async <Result>(
    work: (
      transaction: Database,
      say: (userIds: readonly string[], message: Said[2]) => void,
      sayLive: (action: () => void) => void,
    ) => Promise<Result>,
  ): Promise<Result> => {
    let published: { ring(): void }[] = [];
    let after: (() => void)[] = [];
    const result = await inTransaction(db, [], async (transaction) => {
      published = [];
      after = [];
      const said: Saying[] = [];
      const worked = await work(
        transaction,
        (userIds, message) => void said.push([userIds, message]),
        (action) => void after.push(action),
      );
      // Last, since the logs of these users are held until the commit.
      const client = clientOf(transaction);
      for (const [userIds, message] of inOrder(said))
        published.push(await engine.publishIn(client, userIds, message));
      return worked;
    });
    for (const { ring } of published) ring();
    for (const action of after) action();
    return result;
  };
  return {
    changes: {
      make: (work) =>
        commit((transaction, say, sayLive) =>
          work(transaction, {
            publish: async (userIds, message) => say(userIds, message),
            publishVolatile: (userIds, message) => sayLive(() => live.publishVolatile(userIds, message)),
            isOnline: (userId) => live.isOnline(userId),
          }),
        ),
    },
    commandChanges: {
      isProof: true,
      carryOut: ({ key }, work) =>
        commit((transaction, say) =>
          work(transaction, { key, publish: (userIds, message) => say(userIds, message) }),
        ),
    },
  };
};
