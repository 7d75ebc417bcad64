import type Database from 'libsql';
import type { Decided, Decision, Publication } from './engine.ts';
import { KEPT_DECISIONS_COUNT, MARK_AGE_MS } from './retention.ts';

interface DecisionRow {
  readonly n: number;
  readonly key: string;
  readonly rejected: string | null;
  readonly publications: string | null;
}

/** The decided commands of the sqlite engine, synchronous as libsql is. */
export interface SqliteDecisions {
  decide(userId: string, clientId: string, decision: Decision, seen: number): Decided;
  recall(userId: string, clientId: string, n: number): Decided;
  fanned(userId: string, clientId: string, n: number): number;
  resumeCommands(
    userId: string,
    clientId: string,
    n: number,
  ): { readonly decided: number; readonly unfanned: readonly Decision[] };
  unfanned(userId: string): readonly { readonly clientId: string; readonly decision: Decision }[];
}

const decisionOf = ({ n, key, rejected, publications }: DecisionRow): Decision => ({
  n,
  key,
  verdict: rejected === null ? 'done' : { rejected },
  publications: publications === null ? [] : (JSON.parse(publications) as Publication[]),
});

export const createSqliteDecisions = (
  database: Database.Database,
  { now }: { readonly now: () => number },
): SqliteDecisions => {
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

  const decidedOf = (userId: string, clientId: string): number =>
    (readClient.get(userId, clientId) as { decided: number } | undefined)?.decided ?? 0;

  const recall = (userId: string, clientId: string, n: number): Decided => {
    const row = readDecision.get(userId, clientId, n) as DecisionRow | undefined;
    return {
      decided: decidedOf(userId, clientId),
      stored: row === undefined ? null : { ...decisionOf(row), fanned: row.publications === null },
    };
  };

  const decide = database.transaction(
    (userId: string, clientId: string, decision: Decision, seen: number): Decided => {
      const { n, key, verdict, publications } = decision;
      const decided = decidedOf(userId, clientId);
      if (decided !== seen || n <= seen) return recall(userId, clientId, n);
      const at = now();
      dropDecisionsOfOldClients.run(at - MARK_AGE_MS);
      dropOldClients.run(at - MARK_AGE_MS);
      const isFanned = publications.length === 0;
      insertDecision.run(
        userId,
        clientId,
        n,
        key,
        verdict === 'done' ? null : verdict.rejected,
        isFanned ? null : JSON.stringify(publications),
      );
      writeClient.run(userId, clientId, n, at);
      dropBeyondCount.run(userId, clientId);
      return { decided: n, stored: { ...decision, fanned: isFanned } };
    },
  );

  return {
    decide: decide.immediate,
    recall,
    fanned(userId, clientId, n) {
      dropPublications.run(userId, clientId, n);
      return decidedOf(userId, clientId);
    },
    resumeCommands(userId, clientId, n) {
      dropBelow.run(userId, clientId, n);
      return {
        decided: decidedOf(userId, clientId),
        unfanned: (readUnfannedOfClient.all(userId, clientId) as DecisionRow[]).map(decisionOf),
      };
    },
    unfanned: (userId) =>
      (readUnfanned.all(userId) as (DecisionRow & { readonly clientId: string })[]).map((row) => ({
        clientId: row.clientId,
        decision: decisionOf(row),
      })),
  };
};
