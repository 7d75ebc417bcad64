import type { CommandContext } from 'statesocket/gateway';
import type { Database } from '../database/open-database.ts';
import { inTransaction } from '../database/transactions.ts';
import type { Durable, Publisher } from '../socket/announcements.ts';

/** What a change may say to people. What is durable is told once the change is committed, what is live after that. */
export interface Telling extends Publisher {
  publish(userIds: readonly string[], message: Durable): Promise<void>;
}

/**
 * Changes rows and tells people of it: both, or neither. How that is done is up to where the engine keeps its logs; nobody who
 * changes anything need know.
 */
export interface Changes {
  /**
   * Does the work in a transaction, and tells people what it has said. What could not be told is told later.
   *
   * @param work May be done again, if its transaction met another one.
   */
  make<Result>(work: (transaction: Database, telling: Telling) => Promise<Result>): Promise<Result>;
}

/** What a command may say to people; as `CommandContext`. */
type CommandTelling = Pick<CommandContext, 'key' | 'publish'>;

/** {@link Changes} by a command, whose sender repeats it until the gateway has decided it. */
export interface CommandChanges {
  /** Whether the rows are the proof that people were told: then a repeat that finds them tells nobody again. */
  readonly isProof: boolean;
  carryOut<Result>(
    context: CommandTelling,
    work: (transaction: Database, telling: CommandTelling) => Promise<Result>,
  ): Promise<Result>;
}

/**
 * The gateway tells what a command has said, when its handler has returned. A crash in between costs nothing: its sender sends
 * it again, and the same is said again.
 */
export const toldByGateway = (db: Database): CommandChanges => ({
  isProof: false,
  async carryOut({ key, publish }, work) {
    let said: Parameters<CommandContext['publish']>[] = [];
    const result = await inTransaction(db, [], (transaction) => {
      said = [];
      return work(transaction, { key, publish: (...args) => void said.push(args) });
    });
    for (const args of said) publish(...args);
    return result;
  },
});
