import type { Connection } from 'statesocket';
import type { Calls } from './calls.ts';
import type { Attempt, ConnectionModel } from './connection-model.ts';
import type { Moment } from './moment.ts';

/** Reports that are made in the middle of a frame. The others come when all of it was taken. */
const AMID = ['listener-failed', 'send-failed'];

/** The listeners of the app, each of which may wish something that ends the socket whose frame it hears. */
export const createListeners = (
  connection: Pick<Connection, 'on' | 'onMessage'>,
  model: ConnectionModel,
  { log }: Moment,
  { called }: Calls,
  hearsAll: boolean,
) => {
  let taken: { readonly attempt: Attempt | null; cutAt: number } = { attempt: null, cutAt: 0 };
  let reportDepth = 0;

  const noteCut = (): void => {
    if (model.attempt !== taken.attempt) taken.cutAt = Math.min(taken.cutAt, log.length);
  };
  const hears =
    (name: string) =>
    (message: { readonly type: string; readonly serial?: unknown }): void => {
      log.push(`${name} hears ${message.serial ?? message.type}`);
      try {
        called('message listener');
      } finally {
        noteCut();
      }
    };

  connection.on('A', hears('A first'));
  connection.on('A', hears('A second'));
  connection.on('binary', hears('binary'));
  if (hearsAll) connection.onMessage(hears('all'));
  let stopsHearingB: (() => void) | null = null;

  return {
    get hearsB() {
      return stopsHearingB !== null;
    },
    listensToB(): void {
      stopsHearingB ??= connection.on('B', hears('B'));
    },
    stopsListeningToB(): void {
      stopsHearingB?.();
      stopsHearingB = null;
    },
    /** Runs what hands a frame to the connection. Answers how long the log was when the socket was abandoned by it. */
    takes(attempt: Attempt, hand: () => void): number {
      taken = { attempt, cutAt: Number.POSITIVE_INFINITY };
      hand();
      return taken.cutAt;
    },
    /** An error is reported, and its listener may end the socket too. Answers what to call when it has run. */
    beginsReport(code: string): () => void {
      reportDepth += 1;
      return () => {
        reportDepth -= 1;
        if (reportDepth === 0 && AMID.includes(code)) noteCut();
      };
    },
  };
};
