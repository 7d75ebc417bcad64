import type { StoredEntry } from '../../actors/outbox-store.ts';
import type { OutboxEntry, OutboxEntryState } from '../../client/delivery-view.ts';
import { StatesocketError } from '../../protocol/errors.ts';
import { checkMessage, decodeFrame } from '../../protocol/frame.ts';
import type { WireMessage } from '../../protocol/message.ts';

/** An entry at work. */
export interface OutboxItem {
  stored: StoredEntry;
  readonly message: WireMessage;
  state: OutboxEntryState;
  code: string | undefined;
  /** It waits for the wire or for a verdict. False: it is decided, or gone. */
  isOpen: boolean;
  saved: 'no' | 'saving' | 'yes';
  /** A socket may have carried it, of this page or of another: only a verdict may fail it. */
  everSent: boolean;
  /** The link that carried it last. */
  sentOn: object | null;
  /** How many sockets were closed over it. */
  poisonCount: number;
}

/** The message in a text, or why a server of this protocol would close the socket over it. */
export const messageOf = (text: string): WireMessage | StatesocketError => {
  const value = decodeFrame(text);
  return value instanceof StatesocketError ? value : checkMessage(value);
};

/** An entry that was made just now. */
export const newItem = (stored: StoredEntry, message: WireMessage): OutboxItem => ({
  stored,
  message,
  state: 'queued',
  code: undefined,
  isOpen: true,
  saved: 'no',
  everSent: false,
  sentOn: null,
  poisonCount: 0,
});

/** An entry that another session left. Null: its text cannot be read. */
export const adoptedItem = (stored: StoredEntry): OutboxItem | null => {
  const message = messageOf(stored.text);
  if (message instanceof StatesocketError) return null;
  const failed = stored.failure !== undefined;
  return {
    ...newItem(stored, message),
    state: failed ? 'failed' : 'queued',
    code: stored.failure,
    isOpen: !failed,
    saved: 'yes',
    everSent: true,
  };
};

/** The durable command, or the SKIP in its place. The name goes last: a message that has such fields is overruled. */
export const frameOf = ({ stored: { text, skip, clientId, n, key } }: OutboxItem): string => {
  const name = `"clientId":${JSON.stringify(clientId)},"n":${n},"key":${JSON.stringify(key)}}`;
  return skip === undefined ? `${text.slice(0, -1)},${name}` : `{"type":"SKIP",${name}`;
};

/** What an app sees of it. */
export const entryOf = ({ stored, message, state, code }: OutboxItem): OutboxEntry =>
  Object.freeze({
    key: stored.key,
    message,
    state,
    ...(code === undefined ? {} : { code }),
    queuedAt: stored.queuedAt,
  });
