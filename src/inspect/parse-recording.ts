import type { Recording } from '../client/recording/recording.ts';
import { momentsOf } from './moments.ts';

/** A recording that was opened, or why it was not. */
export type ParsedRecording = { readonly recording: Recording } | { readonly fault: string };

const faultOf = (cause: unknown): string =>
  cause instanceof RangeError ? cause.message : 'It has another form.';

/** A text that was pasted or opened, as a recording. It may be anything. */
export const parseRecording = (text: string): ParsedRecording => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: 'This is no recording of statesocket: it is not JSON.' };
  }
  try {
    const recording = value as Recording;
    momentsOf(recording);
    return { recording };
  } catch (cause) {
    // Whatever is wrong with it, the charts could not be led along it.
    return { fault: `This is no recording of statesocket that can be read here. ${faultOf(cause)}` };
  }
};
