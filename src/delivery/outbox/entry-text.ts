import type { StoredEntry } from '../../actors/outbox-store.ts';
import { StatesocketError } from '../../protocol/errors.ts';
import { checkMessage, decodeFrame } from '../../protocol/frame.ts';
import type { WireMessage } from '../../protocol/message.ts';
import type { Entry } from './outbox-entry.ts';

/** The message in a text, or why a server of this protocol would close the socket over it. */
export const messageOf = (text: string): WireMessage | StatesocketError => {
  const value = decodeFrame(text);
  return value instanceof StatesocketError ? value : checkMessage(value);
};

/** An entry that another session left. Null: its text cannot be read. */
const adoptedEntry = (stored: StoredEntry): Entry | null => {
  const message = messageOf(stored.text);
  if (message instanceof StatesocketError) return null;
  return { message, stored, phase: stored.failure === undefined ? 'doubtful' : 'failed', view: null };
};

/** The entries that another session left, and those of them that are of no use: unreadable, which is reported, or too old. */
export const sortLeft = (
  left: readonly StoredEntry[],
  isForgotten: (entry: Entry) => boolean,
  report: (error: StatesocketError) => void,
): { readonly adopted: readonly Entry[]; readonly useless: readonly StoredEntry[] } => {
  const adopted: Entry[] = [];
  const useless: StoredEntry[] = [];
  for (const stored of left) {
    const entry = adoptedEntry(stored);
    if (entry === null) report(new StatesocketError('storage-failed', 'A stored message cannot be read.'));
    if (entry === null || isForgotten(entry)) useless.push(stored);
    else adopted.push(entry);
  }
  return { adopted, useless };
};

/** The durable command, or the SKIP in its place. The name goes last: a message that has such fields is overruled. */
export const frameOf = ({ stored: { text, skip, clientId, n, key } }: Entry): string => {
  const name = `"clientId":${JSON.stringify(clientId)},"n":${n},"key":${JSON.stringify(key)}}`;
  return skip === undefined ? `${text.slice(0, -1)},${name}` : `{"type":"SKIP",${name}`;
};
