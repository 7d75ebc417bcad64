import { type Engine, memoryEngine } from 'statesocket/gateway';
import { engineContract } from 'statesocket/gateway/contract';
import { describe, it } from 'vitest'; // or jest, or node:test

/** Yours, on a store that is empty. */
const openMine = (options: Parameters<typeof memoryEngine>[0]): Engine => memoryEngine(options);

describe('my engine', () => {
  for (const { name, run } of engineContract({ open: openMine })) it(name, run);
});
