import { StatesocketError } from '../protocol/errors.ts';
import { EMPTY_POSITION } from '../protocol/extension.ts';
import { createDoorbells } from './doorbells.ts';
import type { Engine, Entry } from './engine.ts';
import { makePosition } from './position.ts';
import { type Retention, retain } from './retention.ts';

interface Log {
  entries: (Entry & { readonly appendedAt: number })[];
  count: number;
  last: string;
}

/**
 * An engine that keeps the logs in this process: for tests and demonstrations. They end with the process, and a second
 * process does not see them.
 *
 * @example
 * const gateway = createGateway({ server, engine: memoryEngine(), authenticate, allowedOrigins, handle });
 */
export const memoryEngine = (options: { readonly retention?: Retention } = {}): Engine => {
  const { maxCount, maxAgeMs } = retain(options.retention);
  const logs = new Map<string, Log>();
  const doorbells = createDoorbells();
  let closed = false;

  const logOf = (userId: string): Log | undefined => {
    if (closed) throw new StatesocketError('engine-failed', 'The engine is closed.');
    return logs.get(userId);
  };

  return {
    async append(userId, texts) {
      const log = logOf(userId) ?? { entries: [], count: 0, last: EMPTY_POSITION };
      if (texts.length === 0) return [];
      logs.set(userId, log);
      const appendedAt = Date.now();
      const ids = texts.map((text) => {
        log.count += 1;
        const entry = { id: makePosition(log.count), prev: log.last, text, appendedAt };
        log.entries.push(entry);
        log.last = entry.id;
        return entry.id;
      });
      const tooOldCount = log.entries.findIndex((entry) => entry.appendedAt >= appendedAt - maxAgeMs);
      log.entries.splice(0, Math.max(tooOldCount, log.entries.length - maxCount, 0));
      doorbells.ring(userId);
      return ids;
    },
    async readAfter(userId, position, limit) {
      const log = logOf(userId);
      if (position === (log?.last ?? EMPTY_POSITION)) return [];
      // A position is known exactly when an entry names it as its predecessor. Readers are near the end: look there first.
      const first = log?.entries.findLastIndex((entry) => entry.prev === position) ?? -1;
      if (log === undefined || first === -1) return null;
      return log.entries.slice(first, first + limit).map(({ id, prev, text }) => ({ id, prev, text }));
    },
    async last(userId) {
      return logOf(userId)?.last ?? EMPTY_POSITION;
    },
    subscribe: doorbells.subscribe,
    async close() {
      closed = true;
      logs.clear();
      doorbells.clear();
    },
  };
};
