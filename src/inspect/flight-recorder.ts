import type { Connection } from '../client/connection.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { packRecording } from '../recording/pack-recording.ts';
import { readRecording } from '../recording/read-recording.ts';
import type { Recording } from '../recording/recording.ts';
import { faultOfRecording, type RecordingSettings } from '../recording/recording-options.ts';

/** How much a flight recorder gives. */
export interface FlightRecorderOptions {
  /** Steps in a recording, from 1 to 10,000; of more, the last ones. @default as many as the connection keeps */
  readonly maxTransitions?: number;
}

/** What a connection did since a chosen moment. */
export interface FlightRecorder {
  /**
   * The steps since the moment, as `connection.recording()` gives them. Those before it count as dropped, and `start` says
   * where the charts were. Times and counters go on counting from when the connection was made.
   */
  recording(): Recording;
  /** Makes now the moment. */
  restart(): void;
}

const badOption = (what: string): StatesocketError =>
  new StatesocketError('bad-option', `createFlightRecorder: ${what}`);

const NO_RECORDER =
  "the connection keeps no record of its steps. Import { flightRecorder } from 'statesocket', and make it with recorder: flightRecorder().";

const stepCountOf = ({ droppedCount, steps }: Recording): number => droppedCount + steps.length;

/**
 * Looks at the flight recorder of a connection from now on: for one experiment, one bug, one test. It keeps nothing of its
 * own: the connection keeps the steps (its option `recorder`), and those that it has dropped are not here either. Works
 * before `connect()` and after `dispose()`. There is nothing to end.
 *
 * @throws {StatesocketError} `bad-option` when `maxTransitions` is no integer from 1 to 10,000, and when the connection has no
 *   recorder.
 * @example
 * const recorder = createFlightRecorder(connection);
 * button.onclick = () => recorder.restart();
 * save.onclick = () => navigator.clipboard.writeText(JSON.stringify(recorder.recording()));
 */
export const createFlightRecorder = (
  connection: Pick<Connection, 'recording'>,
  options: FlightRecorderOptions = {},
): FlightRecorder => {
  const fault = faultOfRecording(options);
  if (fault !== null) throw badOption(`${fault}.`);
  const { maxTransitions = Number.POSITIVE_INFINITY } = options;
  const recordingOf = (limits?: RecordingSettings): Recording => {
    const found = connection.recording(limits);
    if (found === null) throw badOption(NO_RECORDER);
    return found;
  };
  const stepsSoFar = (): number => stepCountOf(recordingOf({ maxTransitions: 1 }));
  let beganAfterCount = stepsSoFar();
  return {
    recording() {
      const whole = recordingOf();
      const sinceCount = stepCountOf(whole) - beganAfterCount;
      return packRecording({ ...whole, steps: readRecording(whole) }, Math.min(sinceCount, maxTransitions));
    },
    restart() {
      beganAfterCount = stepsSoFar();
    },
  };
};
