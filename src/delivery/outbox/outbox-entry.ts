import type { SkipReason, StoredEntry } from '../../actors/outbox-store.ts';
import type { OutboxEntry, OutboxEntryState } from '../../client/delivery-view.ts';
import type { WireMessage } from '../../protocol/message.ts';

/** What happens to an entry. */
export type EntryEvent =
  /** The store is asked to keep it, with this change to it. `numbered`: a server of the extension may get it from now on. */
  | { readonly type: 'save'; readonly numbered?: true; readonly queuedAt?: number }
  /** The store has kept it, or has failed to: then memory keeps it. */
  | { readonly type: 'saved' }
  /** It is about to be put on a socket of a plain server. */
  | { readonly type: 'try' }
  /** A plain server was sent it: no verdict will come. */
  | { readonly type: 'hand' }
  /** It is about to be put on a socket of a server of the extension. */
  | { readonly type: 'carry' }
  /** Its user has left. */
  | { readonly type: 'leave' }
  /** From now on a SKIP goes in its place, and the server's verdict ends it. */
  | { readonly type: 'withdraw'; readonly skip: SkipReason }
  /** The server has confirmed that it took effect. */
  | { readonly type: 'deliver' }
  /** It fails by the server's word, which the server would give again. */
  | { readonly type: 'fail'; readonly code: string }
  /** It fails here: the server knows nothing of it, or gives no verdicts. */
  | { readonly type: 'failHere'; readonly code: string }
  /** A person took it out, and the server knows nothing of it. */
  | { readonly type: 'discardHere' }
  /** The store has kept what was decided here. */
  | { readonly type: 'done' }
  /** It leaves the queue and the store. */
  | { readonly type: 'forget' };

export type EntryEventType = EntryEvent['type'];

/** Where an entry is in its life. */
export type EntryPhase =
  /** Made just now. */
  | 'fresh'
  /** The store was asked to keep it. */
  | 'saving'
  /** The store has it, and it never went out. */
  | 'saved'
  /** As `fresh`, but a plain socket has refused it, or is about to take it. */
  | 'tried'
  /** A change to one that may have gone out is being stored. */
  | 'resaving'
  /** It may have gone out: another session left it, or a plain socket refused it. */
  | 'doubtful'
  /** It went out from this page. */
  | 'sent'
  /** It went out, and a change to it is being stored. */
  | 'sentSaving'
  /** It fails here, and shows what it showed until the store has that: a reload before brings it back, and it is sent. */
  | 'failing'
  /** As `failing`, of one that went out. */
  | 'sentFailing'
  /** A person has discarded it, and it shows what it showed until the store has that. */
  | 'discarding'
  | 'delivered'
  | 'failed'
  /** A plain server has it. It is seen so once, and leaves. */
  | 'handed'
  /** It is out of the queue. */
  | 'gone';

/** What holds in a phase, and which event leads where. An event that a row does not name changes nothing. */
export interface PhaseRow {
  /** What an app sees. */
  readonly shows: OutboxEntryState;
  /** It waits for the wire or for a verdict. */
  readonly isOpen: boolean;
  /** Whether the store has it as it is. `yes` where the store has failed, too: memory keeps it then. */
  readonly stored: 'no' | 'asked' | 'yes';
  /** A socket may have carried it, of this page or of another: only a verdict may fail it. */
  readonly mayBeSent: boolean;
  readonly on: { readonly [Type in EntryEventType]?: EntryPhase };
}

const FRESH = { shows: 'queued', isOpen: true, mayBeSent: false } as const;
const DOUBTED = { shows: 'queued', isOpen: true, mayBeSent: true } as const;
const CARRIED = { shows: 'sent', isOpen: true, mayBeSent: true } as const;
const CLOSED = { isOpen: false, mayBeSent: true } as const;
/** How one ends that never went out. */
const ENDS = { failHere: 'failing', discardHere: 'discarding', forget: 'gone' } as const;
/** How one ends that may have gone out. */
const VERDICTS = { deliver: 'delivered', fail: 'failed', hand: 'handed', forget: 'gone' } as const;

/** The life of an entry. `withdraw` is not in it: an open entry takes it in each phase, and stays there. */
export const PHASES: { readonly [Phase in EntryPhase]: PhaseRow } = {
  fresh: { ...FRESH, stored: 'no', on: { ...ENDS, save: 'saving', try: 'tried', leave: 'tried' } },
  saving: {
    ...FRESH,
    stored: 'asked',
    on: { ...ENDS, save: 'saving', saved: 'saved', try: 'resaving', leave: 'resaving' },
  },
  saved: {
    ...FRESH,
    stored: 'yes',
    on: { ...ENDS, save: 'saving', carry: 'sent', try: 'doubtful', leave: 'doubtful' },
  },
  tried: { ...DOUBTED, stored: 'no', on: { ...VERDICTS, save: 'resaving', failHere: 'failing' } },
  resaving: {
    ...DOUBTED,
    stored: 'asked',
    on: { ...VERDICTS, save: 'resaving', saved: 'doubtful', failHere: 'failing' },
  },
  doubtful: {
    ...DOUBTED,
    stored: 'yes',
    on: { ...VERDICTS, save: 'resaving', carry: 'sent', failHere: 'failing' },
  },
  sent: {
    ...CARRIED,
    stored: 'yes',
    on: { ...VERDICTS, save: 'sentSaving', carry: 'sent', leave: 'doubtful', failHere: 'sentFailing' },
  },
  sentSaving: {
    ...CARRIED,
    stored: 'asked',
    on: { ...VERDICTS, save: 'sentSaving', saved: 'sent', leave: 'resaving', failHere: 'sentFailing' },
  },
  failing: { ...CLOSED, shows: 'queued', stored: 'yes', on: { done: 'failed', forget: 'gone' } },
  sentFailing: { ...CLOSED, shows: 'sent', stored: 'yes', on: { done: 'failed', forget: 'gone' } },
  discarding: { ...CLOSED, shows: 'queued', stored: 'no', on: { done: 'gone', forget: 'gone' } },
  delivered: { ...CLOSED, shows: 'delivered', stored: 'no', on: { leave: 'gone', forget: 'gone' } },
  failed: { ...CLOSED, shows: 'failed', stored: 'yes', on: { forget: 'gone' } },
  handed: { ...CLOSED, shows: 'sent', stored: 'no', on: {} },
  gone: { ...CLOSED, shows: 'queued', stored: 'no', on: {} },
};

/** One durable message in the queue. Only {@link afterEvent} says how it changes, and only the queue's commit changes it. */
export interface Entry {
  readonly message: WireMessage;
  readonly stored: StoredEntry;
  readonly phase: EntryPhase;
  /** What an app has seen of it, kept so that it is the same object until it changes. Null: nothing yet. */
  readonly view: OutboxEntry | null;
}

export const rowOf = ({ phase }: Pick<Entry, 'phase'>): PhaseRow => PHASES[phase];

/** What the event writes into what is stored. */
const storedAfter = (stored: StoredEntry, event: EntryEvent): StoredEntry => {
  switch (event.type) {
    case 'save': {
      const { numbered = stored.numbered, queuedAt = stored.queuedAt } = event;
      if (numbered === stored.numbered && queuedAt === stored.queuedAt) return stored;
      return { ...stored, queuedAt, ...(numbered === undefined ? {} : { numbered }) };
    }
    case 'withdraw':
      return { ...stored, skip: event.skip };
    case 'fail':
    case 'failHere':
      return { ...stored, failure: event.code };
    default:
      return stored;
  }
};

/** What becomes of an entry. Null: the event changes nothing, since it came too late or too early. Pure. */
export const afterEvent = (
  { phase, stored }: Pick<Entry, 'phase' | 'stored'>,
  event: EntryEvent,
): Pick<Entry, 'phase' | 'stored'> | null => {
  const row = PHASES[phase];
  const next = event.type === 'withdraw' && row.isOpen ? phase : row.on[event.type];
  return next === undefined ? null : { phase: next, stored: storedAfter(stored, event) };
};
