import { failureOfEvent } from '../actors/failure-of-event.ts';
import type { Transport } from '../actors/transport.ts';
import type { StatesocketError } from '../protocol/errors.ts';
import { describeFailure, type SocketFailure } from '../protocol/socket-failure.ts';
import { watchAltered } from './altered-by-json.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { noteMade } from './made-connections.ts';
import { enterPlace, leavePlace } from './open-places.ts';
import type { CheckedOption } from './option-rules.ts';
import { wordsOfOption } from './option-words.ts';
import { unknownOptions } from './unknown-options.ts';

type Report = (error: StatesocketError) => void;

/**
 * What a connection says and watches for whoever writes the app, and what a platform tells beyond what a browser does. A page in
 * production has less of it: see {@link leanDiagnostics}. Nothing in it decides what a connection does.
 */
export interface Diagnostics {
  /** What an option must be, in words that follow its name. */
  wordsOfOption(name: CheckedOption, value: unknown): string;
  /**
   * A connection was made. Reports names that nobody reads, and connections by the dozen, later than now: the app's onError listener
   * comes after the call. Returns what is called when it is disposed of.
   */
  made<M extends { type: string }>(options: ConnectionOptions<M>, report: Report): () => void;
  /** A socket has opened, which another one of the page may repeat. */
  enterPlace(transport: Transport, report: Report): void;
  leavePlace(transport: Transport): void;
  /** Makes what looks at a message and its JSON, for what JSON has left out. */
  watchAltered(report: Report): (message: { readonly type: string }, text: string) => void;
  /** Why a socket failed, out of its error event; null: the platform does not tell. */
  failureOfEvent(event: unknown): SocketFailure | null;
  describeFailure(failure: SocketFailure | null): string;
}

const made: Diagnostics['made'] = (options, report) => {
  const { tooMany, end } = noteMade();
  queueMicrotask(() => {
    for (const error of unknownOptions(options)) report(error);
    if (tooMany !== null) report(tooMany);
  });
  return end;
};

/** All of it. */
export const fullDiagnostics: Diagnostics = {
  wordsOfOption,
  made,
  enterPlace,
  leavePlace,
  watchAltered,
  failureOfEvent,
  describeFailure,
};
