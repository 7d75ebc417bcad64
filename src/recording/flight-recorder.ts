import { findUnknownNames, type Names } from '../lib/unknown-names.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { mistake } from '../protocol/mistake.ts';
import {
  type ConnectionRecorder,
  type ConnectionRecorderOptions,
  createConnectionRecorder,
} from './connection-recorder.ts';
import { faultOfRecording, type RecordingSettings } from './recording-options.ts';

/** The value of the option `recorder`, made by {@link flightRecorder}. */
export interface RecorderExtension {
  /** Makes the recorder of one connection. */
  begin(
    parts: Omit<ConnectionRecorderOptions, 'recording'> & {
      readonly report: (error: StatesocketError) => void;
    },
  ): ConnectionRecorder;
}

const NAMES: Names<RecordingSettings> = { maxTransitions: true };

/**
 * A flight recorder, for the option `recorder` of `createConnection`: `connection.recording()` then gives the last steps of the
 * charts, for a report, the inspector, `reportToSentry` or a replay. It keeps no message, token, URL or user id. It counts two
 * numbers per frame, and weighs 1.5 kB; without it `connection.recording()` is null.
 *
 * The same value may be given to several connections: each has a recorder of its own.
 *
 * @throws {StatesocketError} `bad-option` when `maxTransitions` is no integer from 1 to 10,000.
 * @example
 * const connection = createConnection({ url: 'wss://example.org/connect/', recorder: flightRecorder() });
 */
export const flightRecorder = (settings: RecordingSettings = {}): RecorderExtension => {
  const fault = faultOfRecording(settings);
  if (fault !== null) throw new StatesocketError('bad-option', `flightRecorder: ${fault}.`);
  return {
    begin({ report, ...parts }) {
      // Later than now: the app's onError listener comes after the connection is made.
      queueMicrotask(() => {
        for (const name of findUnknownNames(settings, NAMES)) {
          const what = `flightRecorder knows no option ${name}, so that one does nothing.`;
          report(mistake(['unknown-name', name, Object.keys(NAMES)], 'unknown-option', what));
        }
      });
      return createConnectionRecorder({ ...parts, recording: settings });
    },
  };
};
