/** The part of `navigator.locks` that is used. Source: W3C Web Locks API. */
export interface LockService {
  request(
    name: string,
    options: { readonly ifAvailable?: boolean; readonly signal?: AbortSignal },
    held: (lock: object | null) => Promise<void> | undefined,
  ): Promise<unknown>;
  query(): Promise<{ readonly held?: readonly { readonly name?: string }[] }>;
}

/** Ends the holding of a lock. */
export type ReleaseLock = () => void;

/**
 * Takes a lock of the whole origin and holds it until it is released or the page is gone. Returns null where somebody else
 * has it (`ifAvailable`); else waits until nobody has, or until `signal` aborts, and then rejects.
 */
export const holdLock = (
  locks: LockService,
  name: string,
  options: { readonly ifAvailable: true } | { readonly signal: AbortSignal },
): Promise<ReleaseLock | null> =>
  new Promise((resolve, reject) => {
    const held = (lock: object | null): Promise<void> | undefined => {
      if (lock === null) {
        resolve(null);
        return undefined;
      }
      return new Promise((release) => resolve(() => release()));
    };
    locks.request(name, options, held).catch(reject);
  });
