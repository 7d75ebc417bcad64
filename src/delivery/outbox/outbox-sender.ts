import type { Clock, TimerHandle } from '../../lib/clock.ts';
import { setDeadline } from '../../lib/deadline.ts';
import { StatesocketError } from '../../protocol/errors.ts';
import type { Receipt } from '../../protocol/extension.ts';
import { MAX_CLIENT_BUFFERED_BYTES } from '../../protocol/limits.ts';
import { frameOf, type OutboxItem } from './outbox-item.ts';
import type { OutboxList } from './outbox-list.ts';

/** How long commands may be in flight without any receipt until their socket is given up. Source: protocol.md, client rule 1. */
const RECEIPT_TIMEOUT_MS = 15_000;
/** How often a full buffer of the platform is looked at: it tells nobody when it has drained. */
const DRAIN_POLL_MS = 100;
/** Unsupported data, invalid text, too big, internal error: closes that a single command can cause (RFC 6455, 7.4.1). */
const POISON_CODES: ReadonlySet<number | null> = new Set([1003, 1007, 1009, 1011]);
/** How many sockets a command may cost. */
const POISON_LIMIT_COUNT = 3;

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
  readonly item: OutboxItem;
  /** Null: it took effect. */
  readonly code: string | null;
}

export interface OutboxSenderOptions {
  readonly clock: Clock;
  readonly list: OutboxList;
  /** Whether anything may be sent; `isFirst`: nothing was sent on this link yet. */
  readonly isReady: (isFirst: boolean) => boolean;
  /** Decides or marks an entry that is too old, or that a plain server cannot be told to skip, before it is sent. */
  readonly onTurn: (item: OutboxItem, isPlain: boolean) => void;
  readonly onVerdicts: (verdicts: readonly Verdict[]) => void;
  /** A plain server was sent it: no verdict will come. */
  readonly onHandedOver: (item: OutboxItem) => void;
  readonly onPoison: (item: OutboxItem) => void;
  readonly report: (error: StatesocketError) => void;
}

/** Puts entries on one socket after the other: in order, each once per socket, a window at a time. */
export interface OutboxSender {
  link(link: OutboxLink): void;
  plain(link: PlainLink): void;
  /** The socket has ended, with this close code; null: without one. */
  lost(code: number | null): void;
  receipt(receipt: Receipt): void;
  /** Sends what may be sent now. */
  pump(): void;
  /** Another user: forgets the socket and what is known of entries. */
  reset(): void;
}

/** The socket at hand, and what was done to it. */
interface Line {
  readonly link: PlainLink;
  readonly windowCount: number;
  readonly isPlain: boolean;
  sentCount: number;
}

export const createOutboxSender = (options: OutboxSenderOptions): OutboxSender => {
  const { clock, list } = options;
  let line: Line | null = null;
  /** In the order in which they were sent. */
  let inFlight: readonly OutboxItem[] = [];
  /** They were in flight when a poison close came: until each has its verdict, one command goes at a time. */
  const suspects = new Set<OutboxItem>();
  let stopWaiting: (() => void) | null = null;
  let drainTimer: TimerHandle | null = null;

  const giveUp = (): void => {
    const given = line;
    leave();
    given?.link.broken();
  };
  const awaitReceipt = (): void => {
    stopWaiting?.();
    stopWaiting = inFlight.length === 0 ? null : setDeadline(clock, RECEIPT_TIMEOUT_MS, giveUp);
  };
  const leave = (): void => {
    line = null;
    inFlight = [];
    stopWaiting?.();
    stopWaiting = null;
    if (drainTimer !== null) clock.clearTimeout(drainTimer);
    drainTimer = null;
  };
  const awaitDrain = (): void => {
    drainTimer ??= clock.setTimeout(() => {
      drainTimer = null;
      pump();
    }, DRAIN_POLL_MS);
  };

  const write = (item: OutboxItem, current: Line): void => {
    item.sentOn = current.link;
    item.everSent = true;
    current.sentCount += 1;
    if (!current.isPlain) {
      // Before the socket has it: a receipt may come from within its send.
      inFlight = [...inFlight, item];
      item.state = 'sent';
      list.touch(item);
      if (inFlight.length === 1) awaitReceipt();
    }
    try {
      current.link.send(current.isPlain ? item.stored.text : frameOf(item));
    } catch (cause) {
      options.report(new StatesocketError('send-failed', 'The socket refused a durable message.', { cause }));
      // What comes after it must not overtake it: a receipt is cumulative.
      if (line === current) giveUp();
      return;
    }
    if (current.isPlain) options.onHandedOver(item);
  };

  const mayWrite = (item: OutboxItem, current: Line): boolean => {
    if (current.isPlain) return true;
    const mostCount = suspects.size > 0 ? 1 : current.windowCount;
    return item.saved === 'yes' && inFlight.length < mostCount;
  };

  const pump = (): void => {
    const current = line;
    if (current === null || !options.isReady(current.sentCount === 0)) return;
    for (const item of list.items) {
      if (!item.isOpen || item.sentOn === current.link) continue;
      // None overtakes one that has to wait: within a clientId a higher number would decide the lower one.
      if (!mayWrite(item, current)) return;
      if (current.link.bufferedBytes > MAX_CLIENT_BUFFERED_BYTES) {
        awaitDrain();
        return;
      }
      options.onTurn(item, current.isPlain);
      // Held: its server was slow to say WELCOME, or another one answers by now, which would do it again.
      const isHeld = current.isPlain && item.stored.numbered === true;
      if (item.isOpen && !isHeld) write(item, current);
      if (line !== current) return;
    }
  };

  const begin = (next: Line): void => {
    leave();
    line = next;
    pump();
  };

  return {
    link: (link) => begin({ link, windowCount: link.window, isPlain: false, sentCount: 0 }),
    plain(link) {
      suspects.clear();
      begin({ link, windowCount: 0, isPlain: true, sentCount: 0 });
    },
    lost(code) {
      const [head] = inFlight;
      if (head !== undefined && POISON_CODES.has(code)) {
        for (const item of inFlight) suspects.add(item);
        head.poisonCount += 1;
        if (head.poisonCount === POISON_LIMIT_COUNT) options.onPoison(head);
      }
      leave();
    },
    receipt({ clientId, n, rejected }) {
      const isDecided = ({ stored }: OutboxItem): boolean => stored.clientId === clientId && stored.n <= n;
      const decided = inFlight.filter(isDecided);
      if (decided.length === 0) return;
      inFlight = inFlight.filter((item) => !isDecided(item));
      const codes = new Map(rejected.map((rejection) => [rejection.n, rejection.code]));
      for (const item of decided) suspects.delete(item);
      awaitReceipt();
      options.onVerdicts(decided.map((item) => ({ item, code: codes.get(item.stored.n) ?? null })));
      pump();
    },
    pump,
    reset() {
      leave();
      suspects.clear();
    },
  };
};
