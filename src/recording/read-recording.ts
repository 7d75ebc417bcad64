import { upToDate } from './older-recordings.ts';
import { type PackedStep, RECORDING_VERSION, type RecordedStep, type Recording } from './recording.ts';

const itemOf = <T>(values: readonly T[], index: number): T => {
  const item = values[index];
  if (item === undefined) throw new RangeError('This recording is damaged: a step names what is not in it.');
  return item;
};

/**
 * Unpacks the steps of a recording, oldest first. One of version 2, which has no chart of a queue, is read too.
 *
 * @throws {RangeError} where it is of another version, or damaged.
 * @example
 * for (const { atMs, event, state } of readRecording(connection.recording())) console.log(atMs, event.type, state);
 */
export const readRecording = (given: Recording): readonly RecordedStep[] => {
  const recording = upToDate(given);
  if (recording.version !== RECORDING_VERSION) {
    throw new RangeError(
      `This is a recording of version ${recording.version}; versions 2 to ${RECORDING_VERSION} are read.`,
    );
  }
  const { events, states, changes } = recording;
  return recording.steps.map(([atMs, event, state, change, delaysMs, drawnMs]: PackedStep) => ({
    atMs,
    event: itemOf(events, event),
    state: itemOf(states, state),
    change: itemOf(changes, change),
    delaysMs,
    ...(drawnMs === undefined ? {} : { drawnMs }),
  }));
};
