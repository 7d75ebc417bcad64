import type { InspectionEvent } from 'xstate';
import { StatesocketError } from '../protocol/errors.ts';
import type { ConnectionOptions } from './connection-options.ts';

/** The app's `inspect`, as a function that does not throw. */
export const containedInspect =
  (
    inspect: ConnectionOptions<never>['inspect'],
    report: (error: StatesocketError) => void,
  ): ((event: InspectionEvent) => void) =>
  (event) => {
    try {
      if (typeof inspect === 'function') inspect(event);
      else inspect?.next?.(event);
    } catch (cause) {
      const what = 'The inspect option threw. The chart goes on.';
      report(new StatesocketError('inspect-failed', what, { cause }));
    }
  };
