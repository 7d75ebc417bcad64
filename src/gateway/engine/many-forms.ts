import type { Decisions } from './decisions.ts';
import type { Log } from './log.ts';

/** The forms of an engine that take many at once. */
export type ManyForms = Required<Pick<Log, 'appendMany'>> & Required<Pick<Decisions, 'decideMany'>>;

/**
 * The forms for many of an engine whose calls wait for the end of the turn and then share a request: they wait for nothing.
 *
 * @param flush Sends what was called.
 */
export const manyForms = (
  one: Pick<Log, 'append'> & Pick<Decisions, 'decide'>,
  flush: () => void,
): ManyForms => {
  const together = <Result>(calls: readonly Promise<Result>[]) => {
    flush();
    return Promise.allSettled(calls);
  };
  return {
    appendMany: (appends) =>
      together(appends.map(({ userId, texts, mark }) => one.append(userId, texts, mark))),
    decideMany: (decides) =>
      together(
        decides.map(({ userId, clientId, decision, seen }) => one.decide(userId, clientId, decision, seen)),
      ),
  };
};
