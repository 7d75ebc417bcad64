import type { Connection } from 'statesocket';
import type { Calls } from './calls.ts';
import type { Attempt, ConnectionModel } from './connection-model.ts';
import type { Moment } from './moment.ts';

/** Reports that are made in the middle of a frame. The others come when all of it was taken. */
const AMID = ['listener-failed', 'send-failed', 'bad-message-id'];

/** Which extra listeners there are when the log is so long; null: none. Each time they come they are others. */
export type Extras = (logLength: number) => number | null;

interface ExtraChange {
  readonly at: number;
  readonly generation: number | null;
}

/** The listeners of the app, each of which may wish something that ends the socket whose frame it hears. */
export const createListeners = (
  connection: Pick<Connection, 'on' | 'onMessage'>,
  model: ConnectionModel,
  { log }: Moment,
  { called, listens }: Calls,
  hearsAll: boolean,
) => {
  let taken: { readonly attempt: Attempt | null; cutAt: number } = { attempt: null, cutAt: 0 };
  let changes: ExtraChange[] = [];
  let promisedAt: number[] = [];
  let reportDepth = 0;
  let isOver = false;

  const noteCut = (): void => {
    if (model.attempt !== taken.attempt) taken.cutAt = Math.min(taken.cutAt, log.length);
  };
  const hears =
    (name: string) =>
    (message: { readonly type: string; readonly serial?: unknown }): unknown => {
      log.push(`${name} hears ${message.serial ?? message.type}`);
      try {
        const promise = called('message listener');
        if (promise !== undefined) promisedAt.push(log.length);
        return promise;
      } finally {
        noteCut();
      }
    };

  connection.on('A', hears('A first'));
  connection.on('binary', hears('binary'));
  if (hearsAll) connection.onMessage(hears('all'));
  let stops: readonly (() => void)[] = [];
  let generation = 0;

  /** The extra listeners come and go, also while another one runs. */
  const extra = (what: 'listen' | 'unlisten'): void => {
    const isThere = stops.length > 0;
    if (isThere === (what === 'listen')) return;
    if (what === 'unlisten') {
      for (const stop of stops) stop();
      stops = [];
    } else {
      generation += 1;
      stops = [connection.on('A', hears('A extra')), connection.on('B', hears('B extra'))];
    }
    changes.push({ at: log.length, generation: what === 'listen' ? generation : null });
  };
  listens(extra);

  return {
    extra,
    /** Runs what hands a frame to the connection. `cutAt`: how long the log was when the socket was abandoned by it. */
    takes(
      attempt: Attempt,
      hand: () => void,
    ): { readonly cutAt: number; readonly extras: Extras; readonly promisedAt: readonly number[] } {
      taken = { attempt, cutAt: Number.POSITIVE_INFINITY };
      const before = stops.length > 0 ? generation : null;
      changes = [];
      promisedAt = [];
      isOver = false;
      hand();
      const made = [{ at: 0, generation: before }, ...changes];
      return {
        cutAt: taken.cutAt,
        promisedAt,
        extras: (length) => made.findLast(({ at }) => at <= length)?.generation ?? null,
      };
    },
    /** An error is reported, and its listener may end the socket too. Answers what to call when it has run. */
    beginsReport(code: string): () => void {
      reportDepth += 1;
      if (code === 'bad-message-id') log.push('told of a bad id');
      return () => {
        reportDepth -= 1;
        if (!AMID.includes(code)) isOver = true;
        // What a listener of such a report causes is told after it, when all of the frame was taken.
        if (reportDepth === 0 && !isOver) noteCut();
      };
    },
  };
};
