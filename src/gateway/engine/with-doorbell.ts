import { StatesocketError } from '../../protocol/errors.ts';
import type { Doorbell } from './doorbell.ts';
import type { Engine } from './engine.ts';
import type { Append, Appended } from './log.ts';

/**
 * An engine that keeps its logs and decisions, and takes the doorbell of another: logs in Postgres that ring through Redis, say.
 * The engine's own doorbell is not listened to. Closes the engine, and not what the doorbell belongs to.
 *
 * @throws {StatesocketError} `bad-option` for a doorbell that cannot be rung.
 * @example
 * const engine = withDoorbell(sqliteEngine({ file: 'inbox.db' }), doorbell);
 */
export const withDoorbell = (engine: Engine, doorbell: Doorbell): Engine => {
  const { ring } = doorbell;
  if (typeof ring !== 'function')
    throw new StatesocketError(
      'bad-option',
      'withDoorbell needs a doorbell that has ring(userIds). Take the one of an engine that has it, or write one.',
    );
  const told = (userIds: readonly string[]) => ring.call(doorbell, [...new Set(userIds)]);
  const isNew = (appended: Appended) => appended !== 'repeat' && appended.length > 0;
  const { appendMany, decideMany } = engine;
  return {
    async append(userId, texts, mark) {
      const appended = await engine.append(userId, texts, mark);
      if (isNew(appended)) told([userId]);
      return appended;
    },
    ...(appendMany && {
      async appendMany(appends: readonly Append[]) {
        const results = await appendMany.call(engine, appends);
        const news = appends.filter((_, at) => {
          const result = results[at];
          return result?.status === 'fulfilled' && isNew(result.value);
        });
        if (news.length > 0) told(news.map(({ userId }) => userId));
        return results;
      },
    }),
    readAfter: (...given) => engine.readAfter(...given),
    last: (...given) => engine.last(...given),
    decide: (...given) => engine.decide(...given),
    ...(decideMany && { decideMany: decideMany.bind(engine) }),
    recall: (...given) => engine.recall(...given),
    fanned: (...given) => engine.fanned(...given),
    resumeCommands: (...given) => engine.resumeCommands(...given),
    unfanned: (...given) => engine.unfanned(...given),
    subscribe: (...given) => doorbell.subscribe(...given),
    ring: told,
    ...(doorbell.openChannel && { openChannel: doorbell.openChannel.bind(doorbell) }),
    close: () => engine.close(),
  };
};
