import { describe, expect, it } from 'vitest';
import { bundleOf, gzipBytesOf } from '../../benchmarks/size/weigh.mjs';

describe('an app that imports one thing', () => {
  it.each([
    ['a backoff', "export { exponentialBackoff, linearBackoff } from 'statesocket';"],
    ['the names of the statuses', "export { CONNECTION_STATUSES } from 'statesocket/machines';"],
    ['the slice', "export { connectionSlice } from 'statesocket/redux';"],
  ])('has no statechart and no XState in its bundle, where that is %s: at most 1 kB', async (_what, code) => {
    expect(await gzipBytesOf(code, ['@reduxjs/toolkit', 'react', 'react-redux'])).toBeLessThanOrEqual(1_000);
  });

  it('has them where it makes a connection', async () => {
    const bundle = await bundleOf("export { createConnection } from 'statesocket';");
    expect(bundle).toContain('xstate.init');
    expect(bundle).toContain('loggedOut');
  });

  it('has nothing at all where it uses nothing of what it imports', async () => {
    for (const entry of ['', '/machines', '/protocol', '/react', '/redux', '/toast', '/inspect', '/stately'])
      expect(
        await bundleOf(`import 'statesocket${entry}';`, ['react', 'react-redux', 'react-toastify']),
      ).toBe('');
  });
});
