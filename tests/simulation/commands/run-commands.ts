import type { Implementation } from '../implementation.ts';
import type { Command, Settings } from './command.ts';
import { performs, settles } from './perform.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

const LATER_MS = 3_600_000;

/** I10: after dispose nothing is left, and whatever still comes does nothing. */
const ends = async (world: World): Promise<void> => {
  const { answers, calls, clock, line, model } = world;
  calls.disarms();
  if (!model.isDisposed) calls.wishes({ wish: 'dispose' });
  await settles(world);
  for (const answer of answers.held.splice(0)) answer.settles('value');
  for (const { socket } of line.sockets) {
    socket.opens();
    socket.hears('{"type":"A","id":1,"serial":"late"}');
    socket.errs();
    socket.closes({ code: 4401, reason: 'late', wasClean: true });
  }
  clock.jumpsTo(clock.now() + LATER_MS);
  await settles(world);
};

/** A run that broke a rule. */
export interface Breach {
  readonly fault: unknown;
  /** How many commands it took. */
  readonly commandCount: number;
}

/** Runs commands on a new connection, disposes of it, and checks every rule all along. Null: none was broken. */
export const runCommands = async (
  implementation: Pick<Implementation, 'createConnection' | 'durableDelivery'>,
  settings: Settings,
  commands: readonly Command[],
  options: WorldOptions,
): Promise<Breach | null> => {
  const world = createWorld(implementation, settings, options);
  let commandCount = 0;
  try {
    for (const command of commands) {
      commandCount += 1;
      await performs(world, command);
    }
    await ends(world);
    return null;
  } catch (fault) {
    return { fault, commandCount };
  } finally {
    world.connection.dispose();
  }
};
