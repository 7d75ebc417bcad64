import { createErrorChannel } from '../client/error-channel.ts';
import { unknownNames } from '../client/unknown-names.ts';
import type { Names } from '../lib/unknown-names.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { BridgeOptions } from './bridge-options.ts';

/** Guards an adapter against the app's functions. */
export interface BridgeGuard {
  /** Runs a function of the app; returns undefined where it threw. */
  <R>(what: string, run: () => R): R | undefined;
  reportAll(errors: readonly StatesocketError[]): void;
}

/**
 * Guards an adapter against the app's functions: a throw is reported with code `bridge-failed`, its `cause` what was
 * thrown, and the bridge goes on. An adapter cannot report through the connection's own channel, so each has its own:
 * `onError`, or `console.warn` where none is given. An option that the bridge does not know is reported at once.
 */
export const createBridgeGuard = <Options extends BridgeOptions>(
  options: Options,
  { call, names }: { readonly call: string; readonly names: Names<Options> },
): BridgeGuard => {
  const errors = createErrorChannel();
  if (options.onError !== undefined) errors.onError(options.onError);
  const reportAll: BridgeGuard['reportAll'] = (found) => found.forEach(errors.report);
  reportAll(unknownNames(call, options, names));
  const guard = <R>(what: string, run: () => R): R | undefined => {
    try {
      return run();
    } catch (cause) {
      errors.report(new StatesocketError('bridge-failed', `${what} threw. The bridge goes on.`, { cause }));
      return undefined;
    }
  };
  return Object.assign(guard, { reportAll });
};
