import type { Names } from '../lib/unknown-names.ts';
import type { StatesocketError } from '../protocol/errors.ts';
import type { RecordingSettings } from '../recording/recording-options.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { unknownNames } from './unknown-names.ts';

const OPTIONS: Names<ConnectionOptions<never>> = {
  url: true,
  getToken: true,
  protocols: true,
  WebSocket: true,
  messages: true,
  sends: true,
  ack: true,
  codec: true,
  backoff: true,
  maxRetries: true,
  connectTimeoutMs: true,
  stableAfterMs: true,
  heartbeat: true,
  classifyClose: true,
  delivery: true,
  signals: true,
  inspect: true,
  recording: true,
  clock: true,
  random: true,
};
const HEARTBEAT: Names<Exclude<ConnectionOptions<never>['heartbeat'], false | undefined>> = {
  intervalMs: true,
  timeoutMs: true,
  ping: true,
};
const RECORDING: Names<RecordingSettings> = { maxTransitions: true };

/** The names in the options of `createConnection`, and in the objects inside them, that nobody reads. */
export const unknownOptions = <M extends { type: string }>(
  options: ConnectionOptions<M>,
): readonly StatesocketError[] => [
  ...unknownNames('createConnection', options, OPTIONS),
  ...unknownNames('createConnection: heartbeat', options.heartbeat, HEARTBEAT),
  ...unknownNames('createConnection: recording', options.recording, RECORDING),
];
