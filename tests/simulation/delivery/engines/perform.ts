import type { Engine } from '../../../../src/gateway/engine/engine.ts';

type CallName = Exclude<
  keyof Engine,
  'subscribe' | 'ring' | 'openChannel' | 'appendMany' | 'decideMany' | 'close'
>;

/** One call of the slot of a user, as the process of a gateway has it. */
export interface StoreCall {
  readonly name: CallName;
  readonly user: string;
  /** Doing it twice is harmless, whatever became of the first time. */
  readonly isRepeatable: boolean;
  /** Lets it take effect in the store: one step, with nothing in between. */
  effect(): Promise<unknown>;
}

export const READS: ReadonlySet<CallName> = new Set(['readAfter', 'last', 'recall', 'unfanned']);

/** An engine whose calls are performed one way or the other. @param appended Hears whose log may have grown. */
export const engineOf = (
  store: Engine,
  perform: (call: StoreCall) => Promise<unknown>,
  appended: (user: string) => void,
): Omit<Engine, 'subscribe'> => {
  const call = async <T>(
    name: CallName,
    user: string,
    effect: () => Promise<T>,
    isRepeatable = true,
  ): Promise<T> => (await perform({ name, user, isRepeatable, effect })) as T;
  return {
    async append(user, texts, mark) {
      const ids = await call('append', user, () => store.append(user, texts, mark), mark !== undefined);
      appended(user);
      return ids;
    },
    decide: (user, ...rest) => call('decide', user, () => store.decide(user, ...rest)),
    recall: (user, ...rest) => call('recall', user, () => store.recall(user, ...rest)),
    fanned: (user, ...rest) => call('fanned', user, () => store.fanned(user, ...rest)),
    resumeCommands: (user, ...rest) =>
      call('resumeCommands', user, () => store.resumeCommands(user, ...rest)),
    unfanned: (user) => call('unfanned', user, () => store.unfanned(user)),
    readAfter: (user, ...rest) => call('readAfter', user, () => store.readAfter(user, ...rest)),
    last: (user) => call('last', user, () => store.last(user)),
    close: async () => {},
  };
};
