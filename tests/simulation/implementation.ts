import { createConnection } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { connectionMachine } from 'statesocket/machines';

/** What is put to the test: the project's own, or a mutant of it. */
export interface Implementation {
  readonly connectionMachine: typeof connectionMachine;
  readonly createConnection: typeof createConnection;
  readonly durableDelivery: typeof durableDelivery;
}

export const original: Implementation = { connectionMachine, createConnection, durableDelivery };

/** What a checker throws when an implementation breaks a rule. `rule` is an invariant of the design (I1 …) or a row of the policy. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly rule: string;

  constructor(rule: string, message: string) {
    super(`${rule}: ${message}`);
    this.rule = rule;
  }
}

/** Throws a {@link Violation} unless `holds`. */
export const demand = (holds: boolean, rule: string, message: () => string): void => {
  if (!holds) throw new Violation(rule, message());
};
