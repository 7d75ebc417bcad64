import { expect, it } from 'vitest';
import { createBridgeGuard } from '../../src/bridge/bridge-guard.ts';
import { MAX_WAITING_COUNT } from '../../src/bridge/bridge-options.ts';
import { createSteadyDispatch } from '../../src/redux/steady-dispatch.ts';

it('a store that is busy keeps 20,000 actions waiting; the next one is reported and not kept', async () => {
  const errors: string[] = [];
  const taken: unknown[] = [];
  let isBusy = true;
  const dispatch = (action: never) => {
    if (isBusy) throw new Error('Reducers may not dispatch actions.');
    taken.push(action);
  };
  const onError = ({ code, message }: { code: string; message: string }) =>
    errors.push(`${code}: ${message}`);
  const guard = createBridgeGuard({ onError }, { call: 'bridgeToRedux', names: { onError: true } });
  const steady = createSteadyDispatch(dispatch, guard);

  const outcomes = Array.from({ length: MAX_WAITING_COUNT }, (_, n) => steady({ type: `${n}` }));
  expect(new Set(outcomes)).toEqual(new Set(['waits']));
  expect(steady({ type: 'one too many' })).toBe('failed');
  expect(errors).toEqual(['bridge-failed: Dispatching to the store threw. The bridge goes on.']);

  isBusy = false;
  await Promise.resolve();
  expect(taken).toHaveLength(MAX_WAITING_COUNT);
  expect(taken.at(-1)).toEqual({ type: `${MAX_WAITING_COUNT - 1}` });
});
