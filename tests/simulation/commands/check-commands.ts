import fc from 'fast-check';
import type { InspectionEvent } from 'xstate';
import type { Implementation } from '../implementation.ts';
import type { Command, Settings } from './command.ts';
import { describeCommand, describeSettings } from './command-words.ts';
import { command, settings } from './generate.ts';
import type { Tally } from './moment.ts';
import { type Breach, runCommands } from './run-commands.ts';

const LONGEST_RUN = 60;

export interface CheckOptions {
  readonly runs: number;
  readonly seed: number;
  /** Where a breach was found and shrunk to, as its report says; undefined: from the start. */
  readonly path?: string | undefined;
  readonly tally?: Tally;
  readonly observe?: (event: InspectionEvent) => void;
}

/** A breach of a rule, with the shortest commands that lead to it. */
export class FoundBreach extends Error {
  override readonly name = 'FoundBreach';
  readonly settings: Settings;
  readonly commands: readonly Command[];
  readonly seed: number;
  readonly path: string;

  constructor(found: {
    fault: unknown;
    settings: Settings;
    commands: readonly Command[];
    seed: number;
    path: string;
  }) {
    const { fault, seed, path } = found;
    const steps = found.commands.map((each, index) => `  ${index + 1}. ${describeCommand(each)}`);
    const why = fault instanceof Error ? fault.message : String(fault);
    const again = `Again: npm run soak:commands -- --seed=${seed} --path=${path}`;
    super([why, `A connection with ${describeSettings(found.settings)}:`, ...steps, again].join('\n'), {
      cause: fault,
    });
    this.settings = found.settings;
    this.commands = found.commands;
    this.seed = seed;
    this.path = path;
  }
}

/**
 * Runs random commands on connections and, where one breaks a rule, looks for the fewest that do.
 *
 * fast-check shrinks the list first. What it leaves is then tried without each command in turn, which it cannot do
 * everywhere in a list.
 *
 * @throws {FoundBreach}
 */
export const checkCommands = async (
  implementation: Pick<Implementation, 'createConnection' | 'durableDelivery'>,
  { runs, seed, path, tally = new Map(), observe }: CheckOptions,
): Promise<void> => {
  const breachOf = (with_: Settings, commands: readonly Command[]): Promise<Breach | null> =>
    runCommands(implementation, with_, commands, { tally, observe });

  const details = await fc.check(
    fc.asyncProperty(
      settings,
      fc.array(command, { maxLength: LONGEST_RUN, size: 'max' }),
      async (with_, commands) => {
        const breach = await breachOf(with_, commands);
        if (breach !== null) throw breach.fault;
      },
    ),
    { numRuns: runs, seed, ...(path === undefined ? {} : { path }) },
  );
  if (!details.failed || details.counterexample === null) return;

  const [with_, found] = details.counterexample;
  let commands: readonly Command[] = found;
  let fault: unknown = details.errorInstance;
  for (let index = 0; index < commands.length; ) {
    const fewer = commands.filter((_, at) => at !== index);
    const breach = await breachOf(with_, fewer);
    if (breach === null) index += 1;
    else {
      commands = fewer.slice(0, breach.commandCount);
      ({ fault } = breach);
    }
  }
  throw new FoundBreach({
    fault,
    settings: with_,
    commands,
    seed: details.seed,
    path: details.counterexamplePath ?? '',
  });
};
