import type { Connection } from 'statesocket';
import type { CallPoint, Command, Wish } from './command.ts';
import type { ConnectionModel } from './connection-model.ts';
import type { Moment } from './moment.ts';

type Armed = Extract<Command, { does: 'arm' }>['to'];

/** Calls into the connection, and calls of it into the app, which may call back. */
export interface Calls {
  /** The chart may be in the middle of a step: what is wished now waits for its turn. */
  readonly isBusy: boolean;
  /** Runs what the chart may hear of. */
  inChart(act: () => void): void;
  wishes(wish: Wish): void;
  /** The next call at this point wishes, or throws. */
  arms(at: CallPoint, to: Armed): void;
  /** What `listen` and `unlisten` mean. */
  listens(to: (what: 'listen' | 'unlisten') => void): void;
  disarms(): void;
  /** The connection calls the app here: what is armed happens. Answers the promise that is. @throws what is armed. */
  called(at: CallPoint): Promise<void> | undefined;
  /** How many promises of listeners are not settled. */
  readonly promiseCount: number;
  /** Settles the first of them. */
  fulfils(how: 'value' | 'rejects'): void;
}

export const createCalls = (
  connection: () => Pick<Connection, 'connect' | 'disconnect' | 'logout' | 'retry' | 'dispose'>,
  model: ConnectionModel,
  moment: Moment,
): Calls => {
  const armed = new Map<CallPoint, Armed>();
  let listens = (_what: 'listen' | 'unlisten'): void => {};
  let depth = 0;

  const promises: { resolve(): void; reject(cause: unknown): void }[] = [];
  const promise = (): Promise<void> =>
    new Promise((resolve, reject) => {
      promises.push({ resolve, reject });
    });

  const inChart = (act: () => void): void => {
    depth += 1;
    try {
      act();
    } finally {
      depth -= 1;
    }
  };
  const wishes = (to: Wish): void => {
    if (to.wish === 'dispose') {
      model.dispose();
      moment.pardons();
      inChart(() => connection().dispose());
      return;
    }
    if (model.isDisposed) moment.expects('disposed');
    if (to.wish === 'connect') {
      model.happens({ type: 'user.connect', userId: to.userId });
      inChart(() => connection().connect({ userId: to.userId }));
    } else {
      model.happens({ type: `user.${to.wish}` });
      inChart(() => connection()[to.wish]());
    }
  };

  return {
    get isBusy() {
      return depth > 0;
    },
    inChart,
    wishes,
    arms: (at, to) => void armed.set(at, to),
    listens(to) {
      listens = to;
    },
    disarms: () => armed.clear(),
    get promiseCount() {
      return promises.length;
    },
    fulfils(how) {
      const first = promises.shift();
      if (how === 'value') first?.resolve();
      else first?.reject(new Error('hostile'));
    },
    called(at) {
      const to = armed.get(at);
      if (to === undefined) return undefined;
      armed.delete(at);
      moment.counts(`calls back from ${at}`);
      if (to === 'promise') return promise();
      if (to === 'listen' || to === 'unlisten') {
        listens(to);
        return undefined;
      }
      if (to !== 'throw') {
        wishes(to);
        return undefined;
      }
      if (at === 'subscriber' || at === 'message listener') moment.expects('listener-failed');
      if (at === 'ping') moment.allows('heartbeat-failed');
      throw new Error('hostile');
    },
  };
};
