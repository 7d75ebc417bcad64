import { StatesocketError } from '../../protocol/errors.ts';
import { EMPTY_POSITION } from '../../protocol/extension.ts';
import { createAgeClock } from './age-clock.ts';
import type { Decided, Decision } from './decisions.ts';
import { createDoorbells } from './doorbells.ts';
import type { Engine } from './engine.ts';
import { createLocalNodes } from './local-nodes.ts';
import type { Entry, Mark } from './log.ts';
import { makePosition, randomSuffix } from './position.ts';
import {
  checkEngineNames,
  type EngineOptions,
  KEPT_CLIENTS_COUNT,
  KEPT_DECISIONS_COUNT,
  MARK_AGE_MS,
  retain,
} from './retention.ts';

type StoredDecision = Decision & { readonly fanned: boolean };

interface Log {
  entries: (Entry & { readonly appendedAt: number })[];
  count: number;
  last: string;
}
/** The commands of one client of a user. */
interface Client {
  readonly decided: number;
  readonly touchedAt: number;
  /** By rising number. */
  readonly decisions: Map<number, StoredDecision>;
}
/** All that belongs to one user. Marks and clients are in the order in which they were touched last. */
interface Slot {
  readonly log: Log;
  readonly marks: Map<string, { readonly n: number; readonly touchedAt: number }>;
  readonly clients: Map<string, Client>;
  /** Those of the clients that decided last: of the others what is told is forgotten. */
  readonly recent: Set<string>;
}

const NEVER: Decided = { decided: 0, stored: null };

/** How many other slots are looked at for what is too old, at each append. */
const SLOTS_AT_ONCE_COUNT = 2;

/** Forgets from the front what nobody touched for too long. */
const forgetUntouched = (all: Map<string, { readonly touchedAt: number }>, ageMs: number) => {
  for (const [name, { touchedAt }] of all) {
    if (touchedAt >= ageMs - MARK_AGE_MS) break;
    all.delete(name);
  }
};
/** Moves what was touched to the end. */
const touch = <T extends { readonly touchedAt: number }>(all: Map<string, T>, name: string, touched: T) => {
  all.delete(name);
  all.set(name, touched);
  forgetUntouched(all, touched.touchedAt);
};

const answer = ({ decided, decisions }: Client, n: number): Decided => ({
  decided,
  stored: decisions.get(n) ?? null,
});

/** Keeps the newest decisions, and those that are still to be told. */
const dropOldDecisions = (decisions: Map<number, StoredDecision>) => {
  let beyondCount = decisions.size - KEPT_DECISIONS_COUNT;
  for (const [n, { fanned }] of decisions) {
    if (beyondCount <= 0) break;
    beyondCount -= 1;
    if (fanned) decisions.delete(n);
  }
};

const dropTold = (decisions: Map<number, StoredDecision>) => {
  for (const [n, { fanned }] of decisions) if (fanned) decisions.delete(n);
};

/** Notes that a client decides, and forgets what is told of the one that others have overtaken. */
const noteRecent = ({ recent, clients }: Slot, clientId: string) => {
  recent.delete(clientId);
  recent.add(clientId);
  if (recent.size <= KEPT_CLIENTS_COUNT) return;
  for (const overtaken of recent) {
    recent.delete(overtaken);
    dropTold(clients.get(overtaken)?.decisions ?? new Map());
    return;
  }
};

/**
 * An engine that keeps the logs in this process: for tests and demonstrations. They end with the process, and a second
 * process does not see them.
 *
 * @throws {StatesocketError} `bad-option` for a retention that cannot be, or a name that nobody reads.
 * @example
 * const gateway = createGateway({ server, engine: memoryEngine(), authenticate, allowedOrigins, handle });
 */
export const memoryEngine = (options: EngineOptions = {}): Engine => {
  checkEngineNames('memoryEngine', options);
  const { maxCount, maxAgeMs } = retain(options.retention);
  const { now = Date.now, suffix = randomSuffix } = options;
  const slots = new Map<string, Slot>();
  let turn = slots.values();
  const startedAt = now();
  const { advance: age } = createAgeClock({ ageMs: startedAt, wallMs: startedAt });
  const doorbells = createDoorbells();
  const nodes = createLocalNodes();
  let closed = false;

  const slotOf = (userId: string): Slot | undefined => {
    if (closed) throw new StatesocketError('engine-failed', 'The engine is closed.');
    return slots.get(userId);
  };
  const makeSlot = (userId: string): Slot => {
    const slot = slotOf(userId) ?? {
      log: { entries: [], count: 0, last: EMPTY_POSITION },
      marks: new Map(),
      clients: new Map(),
      recent: new Set(),
    };
    slots.set(userId, slot);
    return slot;
  };

  /** How many of the first entries are too old. */
  const tooOldCount = (log: Log, ageMs: number): number => {
    const count = log.entries.findIndex((entry) => entry.appendedAt >= ageMs - maxAgeMs);
    return count === -1 ? log.entries.length : count;
  };
  const appendTo = (log: Log, texts: readonly string[], appendedAt: number): readonly string[] => {
    const ids = texts.map((text) => {
      log.count += 1;
      const entry = { id: makePosition(log.count, suffix()), prev: log.last, text, appendedAt };
      log.entries.push(entry);
      log.last = entry.id;
      return entry.id;
    });
    log.entries.splice(0, Math.max(tooOldCount(log, appendedAt), log.entries.length - maxCount));
    return ids;
  };
  /** Users who get nothing new: a few slots at a time, in turn. */
  const forgetInOthers = (ageMs: number) => {
    for (let count = 0; count < SLOTS_AT_ONCE_COUNT; count += 1) {
      let next = turn.next();
      if (next.done === true) {
        turn = slots.values();
        next = turn.next();
      }
      if (next.done === true) return;
      const { log, marks, clients } = next.value;
      log.entries.splice(0, tooOldCount(log, ageMs));
      forgetUntouched(marks, ageMs);
      forgetUntouched(clients, ageMs);
    }
  };
  const isRepeat = (slot: Slot, mark: Mark | undefined): boolean =>
    mark !== undefined && mark.n <= (slot.marks.get(mark.origin)?.n ?? 0);

  return {
    async append(userId, texts, mark) {
      slotOf(userId);
      if (texts.length === 0) return [];
      const slot = makeSlot(userId);
      const touchedAt = age(now());
      if (isRepeat(slot, mark)) return 'repeat';
      if (mark !== undefined) touch(slot.marks, mark.origin, { n: mark.n, touchedAt });
      const ids = appendTo(slot.log, texts, touchedAt);
      forgetInOthers(touchedAt);
      doorbells.ring(userId);
      return ids;
    },
    async readAfter(userId, position, limit) {
      const log = slotOf(userId)?.log;
      if (position === (log?.last ?? EMPTY_POSITION)) return [];
      // A position is known exactly when an entry names it as its predecessor. Readers are near the end: look there first.
      const first = log?.entries.findLastIndex((entry) => entry.prev === position) ?? -1;
      if (log === undefined || first === -1) return null;
      return log.entries.slice(first, first + limit).map(({ id, prev, text }) => ({ id, prev, text }));
    },
    async last(userId) {
      return slotOf(userId)?.log.last ?? EMPTY_POSITION;
    },
    subscribe: doorbells.subscribe,
    ring: doorbells.ringAll,
    openChannel: nodes.open,
    async decide(userId, clientId, decision, seen) {
      const slot = makeSlot(userId);
      const { clients } = slot;
      const touchedAt = age(now());
      const client = clients.get(clientId) ?? { decided: 0, touchedAt: 0, decisions: new Map() };
      if (client.decided !== seen || decision.n <= seen) return answer(client, decision.n);
      const { decisions } = client;
      decisions.set(decision.n, { ...decision, fanned: decision.publications.length === 0 });
      dropOldDecisions(decisions);
      const next = { decided: decision.n, touchedAt, decisions };
      touch(clients, clientId, next);
      noteRecent(slot, clientId);
      return answer(next, decision.n);
    },
    async recall(userId, clientId, n) {
      const client = slotOf(userId)?.clients.get(clientId);
      return client === undefined ? NEVER : answer(client, n);
    },
    async fanned(userId, clientId, n) {
      const client = slotOf(userId)?.clients.get(clientId);
      const stored = client?.decisions.get(n);
      if (stored !== undefined) client?.decisions.set(n, { ...stored, publications: [], fanned: true });
      return client?.decided ?? 0;
    },
    async resumeCommands(userId, clientId, n) {
      const client = slotOf(userId)?.clients.get(clientId);
      if (client === undefined) return { decided: 0, unfanned: [] };
      const unfanned: Decision[] = [];
      for (const { fanned, ...decision } of client.decisions.values()) {
        if (!fanned) unfanned.push(decision);
        else if (decision.n < n) client.decisions.delete(decision.n);
      }
      return { decided: client.decided, unfanned };
    },
    async unfanned(userId) {
      const found: { clientId: string; decision: Decision }[] = [];
      for (const [clientId, { decisions }] of slotOf(userId)?.clients ?? []) {
        for (const { fanned, ...decision } of decisions.values())
          if (!fanned) found.push({ clientId, decision });
      }
      return found;
    },
    async close() {
      closed = true;
      slots.clear();
      doorbells.clear();
      nodes.clear();
    },
  };
};
