import type { Engine } from '../engine/engine.ts';
import { guarded } from '../guarded.ts';

/**
 * Hears the doorbell of a user's log.
 *
 * @param failed Hears what goes wrong as the listening ends, or after it could not begin.
 * @returns Ends it. Does not throw.
 * @throws {TypeError} When the engine returns nothing that ends it; what the engine throws otherwise.
 */
export const listen = (
  engine: Engine,
  userId: string,
  ring: () => void,
  failed: (cause: unknown) => void,
): (() => void) => {
  const stop: unknown = engine.subscribe(userId, ring);
  if (typeof stop === 'function') return () => guarded(() => stop(), failed);
  // An asynchronous one may also reject, and nobody waits for it.
  guarded(() => stop, failed);
  throw new TypeError('subscribe of an engine must return a function that ends the subscription.');
};
