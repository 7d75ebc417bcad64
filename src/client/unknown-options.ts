import type { Names } from '../lib/unknown-names.ts';
import type { StatesocketError } from '../protocol/errors.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { OPTION_RULES } from './option-rules.ts';
import { unknownNames } from './unknown-names.ts';

const HEARTBEAT: Names<Exclude<ConnectionOptions<never>['heartbeat'], false | undefined>> = {
  intervalMs: true,
  timeoutMs: true,
  ping: true,
};

/** The names in the options of `createConnection`, and in the objects inside them, that nobody reads. */
export const unknownOptions = <M extends { type: string }>(
  options: ConnectionOptions<M>,
): readonly StatesocketError[] => [
  ...unknownNames('createConnection', options, OPTION_RULES),
  ...unknownNames('createConnection: heartbeat', options.heartbeat, HEARTBEAT),
];
