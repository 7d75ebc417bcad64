import { beforeEach, describe, expect, it, vi } from 'vitest';
import { original, Violation } from '../implementation.ts';
import { actorMutants } from '../mutants/actor-mutants.ts';
import { chartMutants } from '../mutants/chart-mutants.ts';
import { loadMutant, type Mutant } from '../mutants/mutant.ts';
import { checkCommands, FoundBreach } from './check-commands.ts';
import { runCommands } from './run-commands.ts';

const mutantOf = (name: string): Mutant => {
  const mutant = [...chartMutants, ...actorMutants].find((each) => each.name === name);
  if (mutant === undefined) throw new Error(`There is no mutant "${name}".`);
  return mutant;
};

const breachIn = async (...args: Parameters<typeof checkCommands>): Promise<FoundBreach> => {
  try {
    await checkCommands(...args);
  } catch (found) {
    if (found instanceof FoundBreach) return found;
    throw found;
  }
  throw new Error('The mutant survives.');
};

/** The most commands that a report may have after shrinking. A run has up to 60. */
const FEW = 5;

/** At least one of each part of a connection, and the rule that its mutant breaks. */
const MUTANTS = [
  ['logout does not leave', 'timers'],
  ['retry counted when it is planned', 'I9'],
  ['budget refunded too early', 'timers'],
  ['freshness belongs to the session', 'policy'],
  ['late open not closed', 'I1'],
  ['abandoned within its constructor, unheard', 'I16'],
  ['token request not aborted', 'I14'],
  ['close reason not scrubbed', 'I13'],
  ['late silence trusted', 'liveness'],
  ['gone not checked between listeners', 'inbox'],
  ['a listener removed a moment later', 'inbox'],
  ['numbers acknowledged that JSON cannot tell apart', 'inbox'],
  ['a promise not waited for', 'inbox'],
] as const;

describe('random commands', () => {
  beforeEach(() => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    return () => vi.restoreAllMocks();
  });

  it.each(MUTANTS)(
    'find in few commands: %s',
    async (name, rule) => {
      const mutated = await loadMutant(mutantOf(name));
      const { commands, settings, cause, message } = await breachIn(mutated, { runs: 2_000, seed: 1 });
      expect(cause, message).toBeInstanceOf(Violation);
      expect(cause, message).toMatchObject({ rule });
      expect(commands.length, message).toBeLessThanOrEqual(FEW);
      // It is the mutant's doing.
      expect(await runCommands(original, settings, commands, { tally: new Map() })).toBeNull();
    },
    600_000,
  );

  it('show a breach again by the command that its report ends with', async () => {
    const mutated = await loadMutant(mutantOf('freshness belongs to the session'));
    const first = await breachIn(mutated, { runs: 2_000, seed: 1 });
    const [, seed, path] =
      /npm run soak:commands -- --seed=(-?\d+) --path=([\d:]+)$/.exec(first.message) ?? [];
    const again = await breachIn(mutated, { runs: 1, seed: Number(seed), path });
    expect(again.message).toBe(first.message);
  }, 600_000);
});
