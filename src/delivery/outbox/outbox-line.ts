import type { Clock, TimerHandle } from '../../lib/clock.ts';
import { setDeadline } from '../../lib/deadline.ts';
import { StatesocketError } from '../../protocol/errors.ts';
import type { Receipt } from '../../protocol/extension.ts';
import { MAX_CLIENT_BUFFERED_BYTES } from '../../protocol/limits.ts';
import { frameOf } from './entry-text.ts';
import { type Entry, type EntryEvent, rowOf } from './outbox-entry.ts';
import type { OutboxQueue } from './outbox-queue.ts';

/** How long commands may be in flight without any receipt until their socket is given up. Source: protocol.md, client rule 1. */
const RECEIPT_TIMEOUT_MS = 15_000;
/** So many messages go to a plain server in one turn of the event loop: with it the app sees each of them once. */
const SLICE_COUNT = 100;
/** How often a full buffer of the platform is looked at: it tells nobody when it has drained. */
const DRAIN_POLL_MS = 100;

/** One open socket, as the outbox sees it, of a server that does not speak the extension. */
export interface PlainLink {
  /** Puts a text frame on the socket. May throw. */
  send(text: string): void;
  /** How many bytes the platform has taken and not yet put on the wire. */
  readonly bufferedBytes: number;
  /** The socket is of no use any more: end it and dial again. Called once at most. */
  broken(): void;
}

/** One open socket whose WELCOME has come. */
export interface OutboxLink extends PlainLink {
  /** How many commands may be in flight. */
  readonly window: number;
}

/** What the server has said of one entry. */
export interface Verdict {
  readonly entry: Entry;
  /** Null: it took effect. */
  readonly code: string | null;
}

export interface OutboxLineOptions {
  readonly link: PlainLink;
  /** How many commands may be in flight now. Null: the server is plain, and confirms nothing. */
  readonly window: (() => number) | null;
  readonly clock: Clock;
  readonly queue: Pick<OutboxQueue, 'each' | 'openCount'>;
  /** Something happens to an entry. */
  readonly apply: (entry: Entry, event: EntryEvent) => void;
  /** Ends an entry that is too old, or that a plain server cannot be told to skip, before it is sent. */
  readonly onTurn: (entry: Entry) => void;
  /** A plain server was sent these. */
  readonly onHandedOver: (entries: readonly Entry[]) => void;
  /** It may go on: the platform's buffer may have room again, or others have had their turn. */
  readonly onDrained: () => void;
  /** The socket is of no use. */
  readonly onBroken: () => void;
  readonly report: (error: StatesocketError) => void;
}

/** What goes out on one socket: each entry once, in order. It is made when the socket may be used, and ends with that. */
export interface OutboxLine {
  /** Its server is plain, and takes what is not stored. */
  readonly isPlain: boolean;
  /** What has no receipt yet, in the order in which it was sent. */
  readonly inFlight: readonly Entry[];
  /** Sends what may be sent now. */
  pump(): void;
  receipt(receipt: Receipt): readonly Verdict[];
  end(): void;
}

export const createOutboxLine = (options: OutboxLineOptions): OutboxLine => {
  const { link, window, clock, queue, apply } = options;
  const carried = new WeakSet<Entry>();
  const line: {
    phase: 'open' | 'ended';
    inFlight: readonly Entry[];
    stopWaiting: () => void;
    drain: TimerHandle | null;
    /** What a plain server was sent in this turn, while there is more. */
    slice: TimerHandle | null;
  } = {
    phase: 'open',
    inFlight: [],
    stopWaiting() {},
    drain: null,
    slice: null,
  };
  /** What a plain server was sent, and the app has not seen so yet. */
  const handed: Entry[] = [];

  const awaitReceipt = (): void => {
    line.stopWaiting();
    if (line.inFlight.length > 0) line.stopWaiting = setDeadline(clock, RECEIPT_TIMEOUT_MS, options.onBroken);
  };
  const awaitDrain = (): void => {
    line.drain ??= clock.setTimeout(() => {
      line.drain = null;
      options.onDrained();
    }, DRAIN_POLL_MS);
  };

  const awaitTurn = (): void => {
    line.slice ??= clock.setTimeout(() => {
      line.slice = null;
      options.onDrained();
    }, 0);
  };

  const write = (entry: Entry): void => {
    carried.add(entry);
    apply(entry, { type: window === null ? 'try' : 'carry' });
    if (window !== null) {
      // Before the socket has it: a receipt may come from within its send.
      line.inFlight = [...line.inFlight, entry];
      if (line.inFlight.length === 1) awaitReceipt();
    }
    try {
      link.send(window === null ? entry.stored.text : frameOf(entry));
    } catch (cause) {
      options.report(new StatesocketError('send-failed', 'The socket refused a durable message.', { cause }));
      // What comes after it must not overtake it: a receipt is cumulative.
      if (line.phase === 'open') options.onBroken();
      return;
    }
    if (window !== null) return;
    apply(entry, { type: 'hand' });
    handed.push(entry);
  };

  /** What is stored goes out, as far as the window reaches. */
  const mayWrite = (entry: Entry): boolean =>
    window === null || (rowOf(entry).stored === 'yes' && line.inFlight.length < window());

  const pumpAll = (): void => {
    for (const entry of queue.each()) {
      if (line.phase === 'ended') return;
      if (!rowOf(entry).isOpen || carried.has(entry)) continue;
      // None overtakes one that has to wait: within a clientId a higher number would decide the lower one.
      if (!mayWrite(entry)) return;
      if (link.bufferedBytes > MAX_CLIENT_BUFFERED_BYTES) {
        awaitDrain();
        return;
      }
      if (handed.length === SLICE_COUNT) {
        awaitTurn();
        return;
      }
      options.onTurn(entry);
      // Held: its server was slow to say WELCOME, or another one replies by now, which would do it again.
      const isHeld = window === null && entry.stored.numbered === true;
      if (rowOf(entry).isOpen && !isHeld) write(entry);
    }
  };

  const pump = (): void => {
    if (queue.openCount === 0 || line.slice !== null) return;
    pumpAll();
    if (handed.length > 0) options.onHandedOver(handed.splice(0));
  };

  return {
    isPlain: window === null,
    get inFlight() {
      return line.inFlight;
    },
    pump,
    receipt({ clientId, n, rejected }) {
      const isDecided = ({ stored }: Entry): boolean => stored.clientId === clientId && stored.n <= n;
      const decided = line.inFlight.filter(isDecided);
      if (decided.length === 0) return [];
      line.inFlight = line.inFlight.filter((entry) => !isDecided(entry));
      awaitReceipt();
      const codes = new Map(rejected.map((rejection) => [rejection.n, rejection.code]));
      return decided.map((entry) => ({ entry, code: codes.get(entry.stored.n) ?? null }));
    },
    end() {
      line.phase = 'ended';
      line.stopWaiting();
      for (const timer of [line.drain, line.slice]) if (timer !== null) clock.clearTimeout(timer);
    },
  };
};
