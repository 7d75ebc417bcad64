import { StatesocketError } from '../protocol/errors.ts';
import type { BridgeOptions } from './bridge-options.ts';
import { createErrorChannel } from './error-channel.ts';

/** Runs a function of the app; answers undefined where it threw. */
export type BridgeGuard = <R>(what: string, run: () => R) => R | undefined;

/**
 * Guards an adapter against the app's functions: a throw is reported with code `bridge-failed`, its `cause` what was
 * thrown, and the bridge goes on. An adapter cannot report through the connection's own channel, so each has its own:
 * `onError`, or `console.warn` where none is given.
 */
export const createBridgeGuard = ({ onError }: BridgeOptions): BridgeGuard => {
  const errors = createErrorChannel();
  if (onError !== undefined) errors.onError(onError);
  return (what, run) => {
    try {
      return run();
    } catch (cause) {
      errors.report(new StatesocketError('bridge-failed', `${what} threw. The bridge goes on.`, { cause }));
      return undefined;
    }
  };
};
