import { RECORDING_VERSION, type RecordedFacts, type Recording } from './recording.ts';

/** What version 2 called `supportsDelivery`. */
interface OlderFacts {
  readonly isKnownSpeaker?: boolean;
}

const renamed = <Facts extends Partial<RecordedFacts>>(facts: Facts & OlderFacts): Facts => {
  const { isKnownSpeaker, ...others } = facts;
  return (isKnownSpeaker === undefined ? facts : { ...others, supportsDelivery: isKnownSpeaker }) as Facts;
};

/**
 * A recording as this version writes one. Version 2 had another name for `supportsDelivery`, and no charts of queues; a recording of
 * any other version is returned as it is.
 */
export const upToDate = (recording: Recording): Recording => {
  const version: number = recording.version;
  if (version !== 2) return recording;
  const { start, changes } = recording;
  return {
    ...recording,
    version: RECORDING_VERSION,
    start: { ...start, facts: renamed(start.facts) },
    changes: changes.map(renamed),
  };
};
