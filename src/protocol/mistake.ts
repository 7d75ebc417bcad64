import { StatesocketError } from './errors.ts';

/** Mistakes whose cure is the same for all of them. */
export type PlainCure =
  | 'ack-codec'
  | 'ack-failed'
  | 'ack-overflow'
  | 'altered'
  | 'bad-id'
  | 'clock'
  | 'delivery-missing'
  | 'idle-timeout'
  | 'made-too-many'
  | 'no-socket'
  | 'ping-unanswered'
  | 'same-place'
  | 'signals'
  | 'token-missing'
  | 'unforeseen'
  | 'unheard';

/** Which cure, and what it has to know. */
export type Cure =
  | readonly [PlainCure]
  /** A name that nobody reads, and those that are read. */
  | readonly ['unknown-name', name: string, known: readonly string[]]
  /** A URL that the platform makes no socket of. The cure quotes no part of it but a scheme. */
  | readonly ['impossible', address: string, protocols: unknown];

const cures = new WeakMap<StatesocketError, Cure>();

/**
 * An error that somebody can cure by writing something else. Its message is short: what happened, and why. What to write instead
 * is in a file that is loaded when the first of them is told (`src/client/tell-cure.ts`), and completes the message.
 */
export const mistake = (
  cure: Cure,
  ...error: ConstructorParameters<typeof StatesocketError>
): StatesocketError => {
  const made = new StatesocketError(...error);
  cures.set(made, cure);
  return made;
};

/** Takes the cure of an error out: it is told once. Undefined: there is none. */
export const takeCure = (error: StatesocketError): Cure | undefined => {
  const cure = cures.get(error);
  cures.delete(error);
  return cure;
};
