import type { OutboxStore, StoreSession } from '../actors/outbox-store.ts';

/**
 * A store whose code is loaded when its first session opens. What a session is asked for meanwhile waits, in its order. A load
 * that fails rejects all that waits for it, and is tried again by the next session.
 */
export const createLazyStore = (load: () => Promise<OutboxStore>): OutboxStore => {
  const loading: { current: Promise<OutboxStore> | null } = { current: null };
  const loadOnce = (): Promise<OutboxStore> => {
    loading.current ??= load().catch((cause: unknown) => {
      loading.current = null;
      throw cause;
    });
    return loading.current;
  };
  return {
    open(request) {
      const closing = new AbortController();
      const at: { session: StoreSession | null } = { session: null };
      const opened = loadOnce().then((store) => {
        at.session = store.open({
          ...request,
          adopt(entries) {
            if (!closing.signal.aborted) request.adopt(entries);
          },
        });
        return at.session;
      });
      return {
        loaded: opened.then(({ loaded }) => loaded),
        get exclusive() {
          return at.session?.exclusive ?? false;
        },
        put: (entry) => opened.then((session) => session.put(entry)),
        remove: (entries) => opened.then((session) => session.remove(entries)),
        close(held) {
          closing.abort();
          // One that did not load holds nothing, and whoever used it was told why.
          opened.then((session) => session.close(held)).catch(() => {});
        },
      };
    },
  };
};
