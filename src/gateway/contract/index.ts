/**
 * What every engine of a gateway must do, as cases for any test runner. Needs nothing beside Node.
 * @module statesocket/gateway/contract
 */
import { CLOCK_CASES } from './clock-cases.ts';
import { DECISION_CASES } from './decision-cases.ts';
import { DOORBELL_CASES } from './doorbell-cases.ts';
import { FAULT_CASES } from './fault-cases.ts';
import { LOG_CASES } from './log-cases.ts';
import { MANY_CASES } from './many-cases.ts';
import { MARK_CASES } from './mark-cases.ts';
import { NODE_CASES } from './node-cases.ts';
import { RETENTION_CASES } from './retention-cases.ts';
import type { CaseOf, ContractCase, ContractOptions } from './scene.ts';

export { type Faults, faultyEngine } from './faulty-engine.ts';
export type { ContractCase, ContractOptions } from './scene.ts';

const PARTS: readonly (readonly [part: string, cases: readonly CaseOf[]])[] = [
  ['the log', LOG_CASES],
  ['retention', RETENTION_CASES],
  ['a wrong clock', CLOCK_CASES],
  ['marks', MARK_CASES],
  ['decisions', DECISION_CASES],
  ['many at once', MANY_CASES],
  ['the doorbell', DOORBELL_CASES],
  ['nodes', NODE_CASES],
  ['faults', FAULT_CASES],
];

/**
 * All promises of an engine, each as a case of its own: register them with the test runner of yours. A case makes its engine by `open`,
 * on an empty store, and closes it; cases may not run side by side on one store. A case that is not kept rejects with an `AssertionError`.
 *
 * Optional parts of an engine (`appendMany`, `decideMany`, `ring`, `openChannel`) are tried where it has them. It does not show what your
 * store does to a process that is killed, or to a disk that is full: that is for tests of your own.
 *
 * @example
 * for (const { name, run } of engineContract({ open: (options) => myEngine({ url, ...options }) })) it(name, run);
 */
export const engineContract = (options: ContractOptions): readonly ContractCase[] =>
  PARTS.flatMap(([part, cases]) =>
    cases.map(({ name, play }) => ({ name: `${part}: ${name}`, run: () => play(options) })),
  );
