import type { LockService } from '../../../src/actors/web-locks.ts';

interface Waiting {
  readonly pageId: number;
  grant(): void;
}

/**
 * The Web Locks of one origin, shared by pages. What a page holds and waits for ends with the page.
 * Source: W3C Web Locks API; only exclusive locks, which is all that is used.
 */
export const createFakeLocks = () => {
  const holders = new Map<string, number>();
  const queues = new Map<string, Waiting[]>();
  let pageCount = 0;

  const next = (name: string): void => {
    const waiting = queues.get(name)?.shift();
    if (waiting !== undefined) waiting.grant();
  };
  const freedBy = (name: string, pageId: number): void => {
    if (holders.get(name) !== pageId) return;
    holders.delete(name);
    next(name);
  };

  /** A page: its `navigator.locks`, and its end. */
  const page = () => {
    pageCount += 1;
    const pageId = pageCount;
    let isDead = false;

    const request: LockService['request'] = (name, options, held) =>
      new Promise((resolve, reject) => {
        const { ifAvailable = false, signal } = options;
        const grant = (): void => {
          holders.set(name, pageId);
          Promise.resolve(held({ name })).then((value) => {
            if (isDead) return;
            freedBy(name, pageId);
            resolve(value);
          }, reject);
        };
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        if (!holders.has(name)) {
          queueMicrotask(grant);
          holders.set(name, pageId);
          return;
        }
        if (ifAvailable) {
          Promise.resolve(held(null)).then(resolve, reject);
          return;
        }
        const waiting = { pageId, grant };
        queues.set(name, [...(queues.get(name) ?? []), waiting]);
        signal?.addEventListener('abort', () => {
          const queue = queues.get(name) ?? [];
          if (!queue.includes(waiting)) return;
          queues.set(
            name,
            queue.filter((other) => other !== waiting),
          );
          reject(signal.reason);
        });
      });

    const query = async () => ({ held: [...holders.keys()].map((name) => ({ name })), pending: [] });

    return {
      locks: { request, query } satisfies LockService,
      /** The tab is closed or has crashed: no code of it runs any more. */
      dies(): void {
        isDead = true;
        for (const [name, queue] of queues) {
          queues.set(
            name,
            queue.filter((waiting) => waiting.pageId !== pageId),
          );
        }
        for (const [name, holder] of [...holders]) if (holder === pageId) freedBy(name, pageId);
      },
    };
  };

  return {
    page,
    get heldNames() {
      return [...holders.keys()].sort();
    },
  };
};
