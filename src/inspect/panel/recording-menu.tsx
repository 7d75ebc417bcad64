import { useState } from 'react';
import type { Recording } from '../../recording/recording.ts';
import { parseRecording } from '../parse-recording.ts';

/** Hands a text to the person as a file. */
const save = (name: string, text: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
};

export interface RecordingMenuProps {
  /** Returns what there is to save; null: nothing. */
  readonly take: () => Recording | null;
  /** Null: back to the connection. */
  readonly onOpen: (recording: Recording | null) => void;
  /** A recording is open instead of a connection. */
  readonly isOpen: boolean;
  /** There is a connection to go back to. */
  readonly hasConnection: boolean;
}

/** Saves what was recorded, and opens what was saved, or pasted from a report. */
export function RecordingMenu({ take, onOpen, isOpen, hasConnection }: RecordingMenuProps) {
  const [isPasting, setIsPasting] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const open = (text: string) => {
    const parsed = parseRecording(text);
    setFault('fault' in parsed ? parsed.fault : null);
    if ('fault' in parsed) return;
    setIsPasting(false);
    onOpen(parsed.recording);
  };
  const openFile = async (file: File | undefined) => {
    if (file === undefined) return;
    try {
      open(await file.text());
    } catch {
      setFault('The file could not be read.');
    }
  };
  const saveTaken = () => {
    const recording = take();
    if (recording !== null) save('statesocket-recording.json', JSON.stringify(recording));
  };
  return (
    <>
      <fieldset className="row" aria-label="Recording">
        <button type="button" onClick={saveTaken}>
          Save recording
        </button>
        <label className="file">
          Open recording
          <input
            type="file"
            accept="application/json,.json"
            onChange={({ target }) => {
              void openFile(target.files?.[0]);
              target.value = '';
            }}
          />
        </label>
        <button type="button" aria-expanded={isPasting} onClick={() => setIsPasting(!isPasting)}>
          Paste recording
        </button>
        {isOpen && hasConnection && (
          <button type="button" onClick={() => onOpen(null)}>
            Back to the connection
          </button>
        )}
      </fieldset>
      {isPasting && (
        <textarea
          aria-label="A recording as JSON"
          placeholder="Paste a recording here"
          onPaste={(event) => {
            event.preventDefault();
            open(event.clipboardData.getData('text'));
          }}
          onChange={({ target }) => open(target.value)}
          value=""
        />
      )}
      {fault !== null && (
        <p role="alert" className="fault">
          {fault}
        </p>
      )}
    </>
  );
}
