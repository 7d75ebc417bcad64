import { describe, it } from 'vitest';
import { type ContractOptions, engineContract } from '../../src/gateway/contract/index.ts';

/** Registers what every engine must do with vitest. */
export const describeEngine = (
  name: string,
  open: ContractOptions['open'],
  openBeside?: ContractOptions['openBeside'],
): void => {
  describe(`the ${name} engine`, () => {
    const options = openBeside === undefined ? { open } : { open, openBeside };
    for (const { name: promise, run } of engineContract(options)) it(promise, run);
  });
};
