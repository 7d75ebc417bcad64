import type { OutboxStore, StoredEntry } from '../../actors/outbox-store.ts';
import type { SessionEnd } from '../../client/delivery-extension.ts';
import type { Clock } from '../../lib/clock.ts';
import { createLastingTime } from '../../lib/lasting-time.ts';
import { StatesocketError } from '../../protocol/errors.ts';
import { SKIPPED } from '../../protocol/extension.ts';
import type { OutboxControl } from './outbox.ts';
import { createAgeWatch, LONGEST_AGE_MS } from './outbox-age.ts';
import { createOutboxEndings } from './outbox-endings.ts';
import { adoptedItem, messageOf, newItem, type OutboxItem } from './outbox-item.ts';
import { createOutboxList } from './outbox-list.ts';
import { createOutboxSender } from './outbox-sender.ts';
import { createSteadyStore, type SteadySession } from './steady-store.ts';

export interface OutboxOptions {
  readonly clock: Clock;
  /** Null: memory. */
  readonly store: OutboxStore | null;
  /** How many entries may wait. */
  readonly maxCount: number;
  /** How long an entry may wait, in ms. */
  readonly maxAgeMs: number;
  readonly uuid: () => string;
  /** Whether the server is known to speak the extension, so that it may get whatever waits. */
  readonly knowsServer: () => boolean;
  readonly report: (error: StatesocketError) => void;
}

interface Session {
  readonly userId: string;
  readonly clientId: string;
  store: SteadySession | null;
  lastNumber: number;
  loaded: Promise<void> | undefined;
  isLoaded: boolean;
  /** Verdicts that the store has not kept yet. */
  unkeptVerdictCount: number;
  endedBy: SessionEnd | null;
}

/**
 * Keeps each durable message until its verdict is known: stored before it is first sent, sent once on each socket, in
 * order, under a name (clientId, n, key) that never changes, so that the server does it once.
 *
 * Each session numbers under a clientId of its own. What a session that is over left is adopted as it is.
 */
export const createOutbox = (options: OutboxOptions): OutboxControl => {
  const { clock, maxCount, maxAgeMs, uuid, report } = options;
  const list = createOutboxList(report);
  const time = createLastingTime(clock);
  let session: Session | null = null;
  let hasStoreFailed = false;

  const steady = createSteadyStore({
    store: options.store,
    clock,
    onFailure(cause) {
      if (hasStoreFailed) return;
      hasStoreFailed = true;
      const what = 'The outbox cannot be stored; it is kept in memory and will not outlive the page.';
      report(new StatesocketError('storage-failed', what, { cause }));
    },
  });

  /** The store keeps a verdict before a next socket's first command lets the server forget it. */
  const afterVerdict = (kept: Promise<void> | undefined): void => {
    const current = session;
    if (kept === undefined || current === null) return;
    current.unkeptVerdictCount += 1;
    kept.then(() => {
      current.unkeptVerdictCount -= 1;
      if (session === current) sender.pump();
      list.notify();
    });
  };
  const { forget, leave, withdraw, fail, failHere, discardHere } = createOutboxEndings({
    list,
    report,
    store: () => session?.store ?? null,
    afterVerdict,
  });
  const save = (item: OutboxItem): void => {
    const { stored } = item;
    item.saved = 'saving';
    const pending = session?.store?.put(stored);
    const saved = (): void => {
      if (item.stored.numbered === stored.numbered) item.saved = 'yes';
    };
    if (pending === undefined) saved();
    else {
      pending.then(() => {
        saved();
        sender.pump();
        list.notify();
      });
    }
  };

  /** Notes, before they are sent, that a server of the extension may have them. */
  const number = (items: readonly OutboxItem[]): void => {
    for (const item of items) {
      if (!item.isOpen || item.stored.numbered === true) continue;
      item.stored = { ...item.stored, numbered: true };
      save(item);
    }
  };

  /** Another page may have sent it where the store cannot rule that out. */
  const mayBeSent = ({ everSent }: OutboxItem): boolean => everSent || session?.store?.exclusive !== true;
  const age = createAgeWatch({
    clock,
    time,
    list,
    maxAgeMs,
    mayBeSent,
    onExpired: (item) => failHere(item, 'expired'),
    onDue: () => sender.pump(),
  });

  const sender = createOutboxSender({
    clock,
    list,
    report,
    isReady: (isFirst) => session?.isLoaded === true && (!isFirst || session.unkeptVerdictCount === 0),
    onTurn(item, isPlain) {
      const { skip } = item.stored;
      if (skip === undefined && age.isOver(item)) {
        if (isPlain || !mayBeSent(item)) failHere(item, 'expired');
        else withdraw(item, 'expired');
      } else if (isPlain && skip !== undefined) {
        // No verdict will ever come.
        if (skip === 'discarded') leave([item]);
        else failHere(item, skip);
      }
    },
    onVerdicts(verdicts) {
      const delivered: OutboxItem[] = [];
      for (const { item, code } of verdicts) if (settle(item, code)) delivered.push(item);
      forget(delivered);
      if (list.openCount === 0) age.stop();
    },
    onHandedOver(item) {
      item.state = 'sent';
      list.touch(item);
      list.notify();
      leave([item]);
    },
    onPoison(item) {
      if (item.stored.skip === undefined) withdraw(item, 'quarantined');
    },
  });

  /** Whether it took effect. */
  const settle = (item: OutboxItem, code: string | null): boolean => {
    const { skip } = item.stored;
    if (code === null) {
      list.decide(item, 'delivered');
      return true;
    }
    if (skip === 'discarded') leave([item]);
    else fail(item, code === SKIPPED && skip !== undefined ? skip : code);
    return false;
  };

  const adopt = (current: Session, entries: readonly StoredEntry[]): void => {
    const known = new Set(list.items.map(({ stored }) => stored.key));
    const items: OutboxItem[] = [];
    const useless: StoredEntry[] = [];
    for (const stored of entries) {
      if (known.has(stored.key)) continue;
      const item = adoptedItem(stored);
      if (item === null) report(new StatesocketError('storage-failed', 'A stored message cannot be read.'));
      if (item === null || (!item.isOpen && age.isOver(item, LONGEST_AGE_MS))) useless.push(stored);
      else items.push(item);
    }
    if (current.endedBy === 'logout') {
      current.store?.remove(entries);
      tellDiscarded(items, 'logout');
      return;
    }
    if (current !== session) return;
    if (useless.length > 0) current.store?.remove(useless);
    list.insert(items);
    // Queued while a clock was ahead: else it would outlive maxAgeMs, and what the server remembers.
    const now = time();
    for (const item of items) {
      if (item.stored.queuedAt <= now) continue;
      item.stored = { ...item.stored, queuedAt: now };
      save(item);
    }
    if (options.knowsServer()) number(items);
    age.watch();
    sender.pump();
    list.notify();
  };

  const tellDiscarded = (items: readonly OutboxItem[], by: 'logout' | 'dispose'): void => {
    const waiting = items.filter(({ isOpen }) => isOpen);
    if (waiting.length === 0) return;
    const sentCount = waiting.filter(({ everSent }) => everSent).length;
    const what = `${by}() ended ${waiting.length} waiting messages; ${sentCount} of them may have been sent already.`;
    report(new StatesocketError('messages-discarded', what));
  };

  /** None is shown as failed: what was sent may still take effect, and nobody asks any more. */
  const discardAll = (current: Session): void => {
    tellDiscarded(list.items, 'logout');
    current.store?.remove(list.items.map(({ stored }) => stored));
  };

  /** What waits in this page alone is lost with it, of whichever user. */
  const dispose = (): void => {
    list.silence();
    const own = list.items.filter(({ stored }) => session?.store?.outlivesPage(stored) !== true);
    tellDiscarded([...steady.dispose().flatMap((stored) => adoptedItem(stored) ?? []), ...own], 'dispose');
  };

  const end = (how: SessionEnd): void => {
    const current = session;
    if (how === 'dispose') dispose();
    if (current === null) return;
    current.endedBy = how;
    sender.reset();
    age.stop();
    if (how === 'logout') discardAll(current);
    session = null;
    list.remove(list.items);
    const close = (): void => current.store?.close();
    // What is still being read is discarded as it comes.
    if (how === 'logout' && !current.isLoaded) current.loaded?.then(close);
    else close();
    list.notify();
  };

  const queue = (current: Session, text: string): OutboxItem | null => {
    const message = messageOf(text);
    if (message instanceof StatesocketError) {
      const what = 'No server of this protocol would read the message. It was refused.';
      report(new StatesocketError('message-not-serialisable', what, { cause: message }));
      return null;
    }
    if (list.openCount >= maxCount) {
      const what = `The outbox holds ${maxCount} messages already (maxCount). The message was refused.`;
      report(new StatesocketError('outbox-full', what));
      return null;
    }
    current.lastNumber += 1;
    const { userId, clientId, lastNumber: n } = current;
    const stored = { userId, clientId, n, key: uuid(), text, queuedAt: time() };
    const item = newItem(options.knowsServer() ? { ...stored, numbered: true } : stored, message);
    list.add(item);
    // A plain server takes it now; for any other it is stored first.
    sender.pump();
    if (item.isOpen) {
      save(item);
      sender.pump();
      age.watch();
    }
    return item;
  };

  return {
    begin(userId) {
      if (session !== null) end('switch');
      const current: Session = {
        userId,
        clientId: uuid(),
        store: null,
        lastNumber: 0,
        loaded: undefined,
        isLoaded: false,
        unkeptVerdictCount: 0,
        endedBy: null,
      };
      session = current;
      const store = steady.open({
        userId,
        clientId: current.clientId,
        adopt: (entries) => adopt(current, entries),
      });
      current.store = store;
      const loaded = (): void => {
        current.isLoaded = true;
        if (session !== current) return;
        sender.pump();
        list.notify();
      };
      current.loaded = store.load();
      if (current.loaded === undefined) loaded();
      else current.loaded.then(loaded);
    },
    end,
    add(text) {
      if (session === null) {
        report(new StatesocketError('not-connected', 'send() needs a user: call connect() first.'));
        return 'refused';
      }
      const item = queue(session, text);
      list.notify();
      if (item === null) return 'refused';
      return item.state === 'queued' ? 'queued' : 'sent';
    },
    linked(link) {
      number(list.items);
      sender.link(link);
      list.notify();
    },
    plain(link) {
      sender.plain(link);
      list.notify();
    },
    lost(code) {
      sender.lost(code);
      list.notify();
    },
    receipt(receipt) {
      sender.receipt(receipt);
      list.notify();
    },
    get entries() {
      return list.entries;
    },
    subscribe: list.subscribe,
    retry(key) {
      const failed = list.find(key);
      if (session === null || failed?.state !== 'failed') return;
      if (queue(session, failed.stored.text) !== null) leave([failed]);
      list.notify();
    },
    discard(key) {
      const item = list.find(key);
      if (item === undefined) return;
      if (item.isOpen && mayBeSent(item)) withdraw(item, 'discarded');
      else if (item.isOpen) discardHere(item);
      else leave([item]);
      list.notify();
    },
  };
};
