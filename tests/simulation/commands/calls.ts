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
  /** The connection calls the app here: what is armed happens. @throws what is armed. */
  called(at: CallPoint): void;
}

export const createCalls = (
  connection: () => Pick<Connection, 'connect' | 'disconnect' | 'logout' | 'retry' | 'dispose'>,
  model: ConnectionModel,
  moment: Moment,
): Calls => {
  const armed = new Map<CallPoint, Armed>();
  let listens = (_what: 'listen' | 'unlisten'): void => {};
  let depth = 0;

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
    called(at) {
      const to = armed.get(at);
      if (to === undefined) return;
      armed.delete(at);
      moment.counts(`calls back from ${at}`);
      if (to === 'listen' || to === 'unlisten') {
        listens(to);
        return;
      }
      if (to !== 'throw') {
        wishes(to);
        return;
      }
      if (at === 'subscriber' || at === 'message listener') moment.expects('listener-failed');
      if (at === 'ping') moment.allows('heartbeat-failed');
      throw new Error('hostile');
    },
  };
};
