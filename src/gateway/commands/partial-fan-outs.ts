import { StatesocketError } from '../../protocol/errors.ts';
import type { Decision } from '../engine/decisions.ts';
import type { Engine } from '../engine/engine.ts';
import { fanOut, type Lane } from './fan-out.ts';
import { commandMark } from './marks.ts';

/** As much of a decision as telling it takes. */
type PartialFanOut = Pick<Decision, 'n' | 'publications'>;

/** Whose commands they are, and where they are kept. */
export interface CommandSource {
  readonly engine: Engine;
  readonly userId: string;
  /** Of this user. */
  readonly lane: Lane;
}

/** A call to the engine whose failure says so, also where it throws at once. */
export const engineCall = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (cause) {
    throw new StatesocketError('engine-failed', 'A command could not be decided.', { cause });
  }
};

/** Tells a decision, harmless where another socket is at it too: there are marks. Returns what is decided of the client. */
export const finishDecision = async (
  { engine, userId, lane }: CommandSource,
  clientId: string,
  { n, publications }: PartialFanOut,
): Promise<number> => {
  await fanOut(engine, lane, publications, commandMark(userId, clientId, n));
  return engineCall(() => engine.fanned(userId, clientId, n));
};

/**
 * Tells what a crash has left decided and not fanned out, of one client or of all.
 *
 * @throws {StatesocketError} `engine-failed`.
 */
export const finishFanOuts = async (source: CommandSource, only?: string): Promise<void> => {
  for (const { clientId, decision } of await engineCall(() => source.engine.unfanned(source.userId)))
    if (only === undefined || only === clientId) await finishDecision(source, clientId, decision);
};

/** The same in a turn of its own, beside the commands. Reports what fails and does not reject: the next look tries again. */
export const lookForPartialFanOuts = async (
  source: CommandSource,
  report: (error: StatesocketError) => void,
): Promise<void> => {
  try {
    const turn = source.lane.takeTurn();
    if (turn !== undefined) await turn;
    await finishFanOuts(source);
  } catch (cause) {
    // An engine of the app's own may return nonsense.
    const nonsense = 'The engine returned no list of commands that are to be told.';
    report(
      cause instanceof StatesocketError ? cause : new StatesocketError('engine-failed', nonsense, { cause }),
    );
  }
};
