import { hashOf } from './random.ts';

/**
 * What a command asks for: `done` is carried out, `refused` is rejected always, `moody` is rejected while the app is
 * shut, `poison` publishes what the recipients' schema refuses, and `bulky` is too big for the gateway.
 */
export type Mood = 'done' | 'refused' | 'moody' | 'poison' | 'bulky';

/** One message of a log, known by what it holds. `ref` names the command that caused it, `part` which of its messages. */
export interface Logged {
  readonly id: string;
  readonly ref: string;
  readonly part: number;
}

/** A frame's member, as much of it as a checker needs. */
export interface WireMember {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What the outside saw: of pages, of the log, of the wire, of faults. */
export type Happening =
  /** A person or the app wants the page to be disconnected, or connected again. */
  | {
      readonly what: 'wish';
      readonly page: string;
      readonly wish: 'disconnect' | 'logout' | 'connect' | 'retry';
    }
  /** A page opens. `keeps`: its outbox outlives it. */
  | { readonly what: 'page'; readonly page: string; readonly user: string; readonly keeps: boolean }
  | { readonly what: 'page gone'; readonly page: string }
  /** The app asks for a command. `uid` is the app's own name for it. */
  | {
      readonly what: 'said';
      readonly page: string;
      readonly uid: string;
      readonly answer: string;
      readonly to: readonly string[];
      readonly parts: number;
      readonly mood: Mood;
    }
  /**
   * What `connection.outbox` shows of an entry, or `discarded`: a person throws it away. `ref` names this try at the command.
   */
  | {
      readonly what: 'entry';
      readonly page: string;
      readonly ref: string;
      readonly key: string;
      readonly uid: string;
      readonly state: string;
      readonly code?: string;
    }
  /** An entry is in the browser's storage, was taken out by a page, or was cleared by a person. */
  | {
      readonly what: 'kept' | 'removed' | 'cleared';
      readonly user: string;
      readonly ref: string;
      /** It is kept as one that has failed. */
      readonly isFailure?: true;
    }
  | { readonly what: 'dial'; readonly page: string }
  /** A listener got a durable message off the wire. */
  | {
      readonly what: 'applied';
      readonly page: string;
      readonly id: string;
      readonly ref: string;
      readonly part: number;
    }
  | { readonly what: 'volatile'; readonly page: string; readonly uid: string }
  /** Who is online, as far as the page has heard. */
  | { readonly what: 'presence'; readonly page: string; readonly online: readonly string[] }
  /** The page cannot take a durable message: its schema refused it, or its listener threw for the third time. */
  | { readonly what: 'skipped'; readonly page: string; readonly ref: string; readonly part: number }
  | { readonly what: 'discontinuity'; readonly page: string; readonly reason: string }
  /** The page has merged what HTTP answered: `ref:part` of each message it now has. */
  | { readonly what: 'reloaded'; readonly page: string; readonly have: readonly string[] }
  /** The status of the delivery chart. */
  | { readonly what: 'status'; readonly page: string; readonly status: string }
  /** The log grew, all of it at once. `mark` where the append had one. */
  | {
      readonly what: 'appended';
      readonly user: string;
      readonly entries: readonly Logged[];
      readonly mark?: { readonly origin: string; readonly n: number };
    }
  /** A verdict was stored. */
  | {
      readonly what: 'decided';
      readonly user: string;
      readonly clientId: string;
      readonly n: number;
      readonly key: string;
      readonly ref: string;
      readonly rejected: string | null;
    }
  /** The app asks for a message of its own to these users, as the row of its outbox. */
  | { readonly what: 'announced'; readonly ref: string; readonly to: readonly string[] }
  /** A shard was promoted without the end of its log: this much it no longer knows. */
  | {
      readonly what: 'tail lost';
      readonly user: string;
      readonly entries: readonly Logged[];
      readonly refs: readonly string[];
    }
  /** Of logs that have lost their tail: empty ones, and those that go on, may begin with a position that ends in this. */
  | { readonly what: 'branch'; readonly token: string }
  /** From now on a log keeps its newest messages only, this many. */
  | { readonly what: 'retention'; readonly user: string; readonly count: number }
  /** A link is dialled. `speaks`: the server at its other end knows the extension. */
  | {
      readonly what: 'link';
      readonly link: number;
      readonly page: string;
      readonly user: string;
      readonly speaks: boolean;
    }
  | {
      readonly what: 'frame';
      readonly link: number;
      readonly way: 'up' | 'down';
      readonly moment: 'sent' | 'arrived';
      readonly members: readonly WireMember[];
      readonly bytes: number;
      /** What the link still held back, in bytes. */
      readonly held: number;
    }
  | {
      readonly what: 'closed';
      readonly link: number;
      readonly by: 'client' | 'server';
      readonly code: number;
    }
  /** When all was calm: what one node said to the others, and whom it has not reached. */
  | { readonly what: 'unheard'; readonly of: string; readonly page: string }
  | { readonly what: 'reported'; readonly by: string; readonly code: string }
  | { readonly what: 'fault'; readonly fault: string; readonly on: string }
  /** From now on there are no faults. */
  | { readonly what: 'healed' }
  /** The end: what each living page shows, and how long after `healed` all was well. Null: it never was. */
  | {
      readonly what: 'end';
      readonly calmAfterMs: number | null;
      readonly pages: readonly {
        readonly page: string;
        readonly status: string;
        readonly delivery: string;
        readonly waiting: number;
      }[];
    };

export type Happened<W extends Happening['what']> = Extract<Happening, { readonly what: W }>;

/** A happening, and when. */
export type Record = Happening & { readonly atMs: number };

/** All that happened, in order. */
export interface History {
  readonly records: readonly Record[];
  add(happening: Happening): void;
  /** One number for all of it: the same seed gives the same. */
  hash(): number;
}

export const createHistory = (nowMs: () => number): History => {
  const records: Record[] = [];
  return {
    records,
    add(happening) {
      records.push({ atMs: nowMs(), ...happening });
    },
    hash: () => records.reduce((hash, record) => hashOf(JSON.stringify(record), hash), 0x811c9dc5),
  };
};

/** The name of one message within one user's log, whatever id the log gave it. */
export const nameOf = ({ ref, part }: { readonly ref: string; readonly part: number }): string =>
  `${ref}:${part}`;
