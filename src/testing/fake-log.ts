import {
  DEFAULT_WINDOW_COUNT,
  EMPTY_POSITION,
  EXTENSION_NAME,
  EXTENSION_VERSION,
} from '../protocol/extension.ts';

/** A message in the log of a fake server. */
export interface LoggedMessage {
  readonly type: string;
  readonly id: string;
  readonly prev: string;
  readonly [name: string]: unknown;
}

/** The log of a fake server of the delivery extension: durable messages, each naming the one before it. */
export interface FakeLog {
  /** The position of the last message; "0" while there is none. */
  readonly last: string;
  /** Appends messages, and returns them as they travel: with `id` (m1, m2, …) and `prev`. */
  append(messages: readonly { readonly type: string }[]): readonly LoggedMessage[];
  /** The messages after a position; null: it is not, or no longer, in the log. */
  after(position: unknown): readonly LoggedMessage[] | null;
  /** Forgets all messages up to now; a cursor that points before them is lost. */
  trim(): void;
}

export const createFakeLog = (): FakeLog => {
  let entries: LoggedMessage[] = [];
  let last = EMPTY_POSITION;
  let count = 0;
  return {
    get last() {
      return last;
    },
    append: (messages) =>
      messages.map((message) => {
        count += 1;
        const entry = { ...message, id: `m${count}`, prev: last };
        last = entry.id;
        entries.push(entry);
        return entry;
      }),
    after(position) {
      if (position === last) return [];
      const next = entries.findIndex(({ prev }) => prev === position);
      return next < 0 ? null : entries.slice(next);
    },
    trim() {
      entries = [];
    },
  };
};

/** What a server of the extension says first. */
export const welcomeFrame = ({
  heartbeatMs = 14_000,
  window = DEFAULT_WINDOW_COUNT,
  v = EXTENSION_VERSION,
}: {
  heartbeatMs?: number;
  window?: number;
  v?: number;
}) => ({ type: 'WELCOME', ext: EXTENSION_NAME, v, heartbeatMs, window });
