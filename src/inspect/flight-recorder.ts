import type { Connection } from '../client/connection.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { packRecording } from '../recording/pack-recording.ts';
import { readRecording } from '../recording/read-recording.ts';
import type { Recording } from '../recording/recording.ts';
import { faultOfRecording } from '../recording/recording-options.ts';

/** How much a flight recorder gives. */
export interface FlightRecorderOptions {
  /** Steps in a recording, from 1 to 10,000; of more, the last ones. @default as many as the connection keeps */
  readonly maxTransitions?: number;
}

/** What a connection did since a chosen moment. */
export interface FlightRecorder {
  /**
   * The steps since the moment, as `connection.recording()` gives them. Those before it count as dropped, and `start` says
   * where the charts were. Times and counters go on counting from when the connection was made. Null where the connection
   * has the option `recording: false`.
   */
  recording(): Recording | null;
  /** Makes now the moment. */
  restart(): void;
}

const stepCountOf = (recording: Recording | null): number =>
  recording === null ? 0 : recording.droppedCount + recording.steps.length;

/**
 * Looks at the flight recorder of a connection from now on: for one experiment, one bug, one test. It keeps nothing of its
 * own: the connection records anyway, and steps that it has dropped (its option `recording`) are not here either. Works
 * before `connect()` and after `dispose()`. There is nothing to end.
 *
 * @throws {StatesocketError} `bad-option` when `maxTransitions` is no integer from 1 to 10,000.
 * @example
 * const recorder = createFlightRecorder(connection);
 * button.onclick = () => recorder.restart();
 * save.onclick = () => navigator.clipboard.writeText(JSON.stringify(recorder.recording()));
 */
export const createFlightRecorder = (
  connection: Pick<Connection, 'recording'>,
  options: FlightRecorderOptions = {},
): FlightRecorder => {
  if (faultOfRecording(options) !== null) {
    throw new StatesocketError(
      'bad-option',
      'createFlightRecorder: maxTransitions must be an integer from 1 to 10000.',
    );
  }
  const { maxTransitions = Number.POSITIVE_INFINITY } = options;
  const stepsSoFar = (): number => stepCountOf(connection.recording({ maxTransitions: 1 }));
  let beganAfterCount = stepsSoFar();
  return {
    recording() {
      const whole = connection.recording();
      if (whole === null) return null;
      const sinceCount = stepCountOf(whole) - beganAfterCount;
      return packRecording({ ...whole, steps: readRecording(whole) }, Math.min(sinceCount, maxTransitions));
    },
    restart() {
      beganAfterCount = stepsSoFar();
    },
  };
};
