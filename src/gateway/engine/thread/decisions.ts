import type Database from 'libsql';
import { KEPT_CLIENTS_COUNT, KEPT_DECISIONS_COUNT } from '../retention.ts';
import { fromStored, toStored } from '../stored-text.ts';
import type { DecidedRow, DecisionRow, Slots } from './calls.ts';

/** The commands that are decided. */
export interface Decisions extends Slots<'decide' | 'recall' | 'fanned' | 'resumeCommands' | 'unfanned'> {
  /** Forgets the clients that decided nothing since this moment of the age clock. */
  forgetClients(beforeMs: number): void;
}

/** As it was given. What libsql adds to a row stays here. */
const rowOf = ({ n, key, rejected, publications }: DecisionRow): DecisionRow => ({
  n,
  key: fromStored(key),
  rejected: rejected === null ? null : fromStored(rejected),
  publications,
});

/** @param options.age Takes the server's clock and gives the clock by which ages are counted. */
export const createDecisions = (
  database: Database.Database,
  { age }: { readonly age: (wallMs: number) => number },
): Decisions => {
  const readClient = database.prepare(
    'SELECT decided FROM statesocket_client WHERE user_id = ? AND client_id = ?',
  );
  const writeClient = database.prepare(
    `INSERT INTO statesocket_client (user_id, client_id, decided, touched_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (user_id, client_id) DO UPDATE SET decided = excluded.decided, touched_at = excluded.touched_at`,
  );
  const dropDecisionsOfOldClients = database.prepare(
    `DELETE FROM statesocket_decision WHERE (user_id, client_id) IN
       (SELECT user_id, client_id FROM statesocket_client WHERE touched_at < ?)`,
  );
  const dropOldClients = database.prepare('DELETE FROM statesocket_client WHERE touched_at < ?');
  const readDecision = database.prepare(
    'SELECT n, key, rejected, publications FROM statesocket_decision WHERE user_id = ? AND client_id = ? AND n = ?',
  );
  const insertDecision = database.prepare(
    'INSERT INTO statesocket_decision (user_id, client_id, n, key, rejected, publications) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const dropBeyondCount = database.prepare(
    `DELETE FROM statesocket_decision WHERE user_id = ?1 AND client_id = ?2 AND publications IS NULL AND n <=
       (SELECT n FROM statesocket_decision WHERE user_id = ?1 AND client_id = ?2
        ORDER BY n DESC LIMIT 1 OFFSET ${KEPT_DECISIONS_COUNT})`,
  );
  const readAny = database.prepare(
    'SELECT n FROM statesocket_decision WHERE user_id = ? AND client_id = ? LIMIT 1',
  );
  // One look per client that has decisions, not per decision.
  const dropOfOtherClients = database.prepare(
    `WITH RECURSIVE page (id) AS (
       SELECT min(client_id) FROM statesocket_decision WHERE user_id = ?1
       UNION ALL
       SELECT (SELECT min(client_id) FROM statesocket_decision WHERE user_id = ?1 AND client_id > page.id)
       FROM page WHERE page.id IS NOT NULL)
     DELETE FROM statesocket_decision WHERE user_id = ?1 AND publications IS NULL AND client_id IN
       (SELECT client_id FROM page JOIN statesocket_client ON user_id = ?1 AND client_id = id
        WHERE client_id <> ?2 ORDER BY touched_at DESC LIMIT -1 OFFSET ${KEPT_CLIENTS_COUNT - 1})`,
  );
  const dropBelow = database.prepare(
    'DELETE FROM statesocket_decision WHERE user_id = ? AND client_id = ? AND n < ? AND publications IS NULL',
  );
  const readUnfannedOfClient = database.prepare(
    `SELECT n, key, rejected, publications FROM statesocket_decision
     WHERE user_id = ? AND client_id = ? AND publications IS NOT NULL ORDER BY n`,
  );
  const readUnfanned = database.prepare(
    `SELECT client_id AS clientId, n, key, rejected, publications FROM statesocket_decision
     WHERE user_id = ? AND publications IS NOT NULL ORDER BY client_id, n`,
  );
  const dropPublications = database.prepare(
    'UPDATE statesocket_decision SET publications = NULL WHERE user_id = ? AND client_id = ? AND n = ?',
  );

  const decidedOf = (user: string, client: string): number =>
    (readClient.get(user, client) as { decided: number } | undefined)?.decided ?? 0;

  const recall = (user: string, client: string, n: number): DecidedRow => {
    const row = readDecision.get(user, client, n) as DecisionRow | undefined;
    return { decided: decidedOf(user, client), stored: row === undefined ? null : rowOf(row) };
  };

  return {
    decide(userId, clientId, { n, key, rejected, publications }, seen, wallMs) {
      const [user, client] = [toStored(userId), toStored(clientId)];
      const ageMs = age(wallMs);
      if (decidedOf(user, client) !== seen || n <= seen) return recall(user, client, n);
      if (readAny.get(user, client) === undefined) dropOfOtherClients.run(user, client);
      const code = rejected === null ? null : toStored(rejected);
      insertDecision.run(user, client, n, toStored(key), code, publications);
      writeClient.run(user, client, n, ageMs);
      dropBeyondCount.run(user, client);
      return { decided: n, stored: 'as given' };
    },
    recall: (userId, clientId, n) => recall(toStored(userId), toStored(clientId), n),
    fanned(userId, clientId, n) {
      const [user, client] = [toStored(userId), toStored(clientId)];
      dropPublications.run(user, client, n);
      return decidedOf(user, client);
    },
    resumeCommands(userId, clientId, n) {
      const [user, client] = [toStored(userId), toStored(clientId)];
      dropBelow.run(user, client, n);
      return {
        decided: decidedOf(user, client),
        unfanned: (readUnfannedOfClient.all(user, client) as DecisionRow[]).map(rowOf),
      };
    },
    unfanned: (userId) =>
      (readUnfanned.all(toStored(userId)) as (DecisionRow & { readonly clientId: string })[]).map((row) => ({
        ...rowOf(row),
        clientId: fromStored(row.clientId),
      })),
    forgetClients(beforeMs) {
      dropDecisionsOfOldClients.run(beforeMs);
      dropOldClients.run(beforeMs);
    },
  };
};
