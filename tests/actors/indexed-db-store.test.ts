import { IDBFactory } from 'fake-indexeddb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  createIndexedDbStore,
  type PageChannel,
  platformStorage,
  type StorePorts,
} from '../../src/actors/indexed-db-store.ts';
import type { StoreSession } from '../../src/actors/outbox-store.ts';
import { describesOutboxStore, entry, NONE, opens } from '../contract/outbox-store.contract.ts';
import { createFakeLocks } from './support/fake-locks.ts';

/** One browser: an IndexedDB, its locks and its channels, shared by pages. */
const createBrowser = () => {
  const indexedDB = new IDBFactory();
  const locks = createFakeLocks();
  const channels = new Set<PageChannel>();
  const openChannel = (): PageChannel => {
    const channel: PageChannel = {
      onmessage: null,
      postMessage(data) {
        for (const other of [...channels]) if (other !== channel) other.onmessage?.({ data });
      },
      close: () => void channels.delete(channel),
    };
    channels.add(channel);
    return channel;
  };
  return {
    indexedDB,
    locks,
    channels,
    page(ports: Partial<StorePorts> = {}) {
      const { locks: service, dies } = locks.page();
      const store = createIndexedDbStore({
        indexedDB: () => indexedDB,
        locks: () => service,
        openChannel,
        ...ports,
      });
      return { store, dies };
    },
  };
};

const opened: StoreSession[] = [];
afterEach(() => {
  for (const session of opened.splice(0)) session.close(NONE);
});
const opening = async (...args: Parameters<typeof opens>) => {
  const it = await opens(...args);
  opened.push(it.session);
  return it;
};
/** Enough turns of the event loop for whatever was to happen; real time, since fake-indexeddb runs on it. */
const settles = () => new Promise((resolve) => setTimeout(resolve, 50));
/** A person clears the site's data; what pages do about it is done. */
const clears = async ({ indexedDB }: ReturnType<typeof createBrowser>): Promise<void> => {
  await new Promise((resolve) => {
    indexedDB.deleteDatabase('statesocket').onsuccess = resolve;
  });
  await settles();
};
/** A session `c1` with one entry of its own, and one that `c0` left. */
const opensHeir = async (browser: ReturnType<typeof createBrowser>): Promise<StoreSession> => {
  const left = await opens(browser.page().store, 'c0');
  await left.session.put(entry(1, { clientId: 'c0' }));
  left.session.close(NONE);
  const { session, adopted } = await opens(browser.page().store, 'c1');
  await expect.poll(() => adopted.length).toBe(1);
  await session.put(entry(1));
  return session;
};
/** To the store it is as an entry on a full disk: a function cannot be cloned. */
const unstorable = (n: number) => ({ ...entry(n), text: (() => {}) as never });

describesOutboxStore('IndexedDB', () => createBrowser().page().store);
describesOutboxStore(
  'IndexedDB without Web Locks',
  () => createBrowser().page({ locks: () => undefined }).store,
);

describe('the storage of the platform', () => {
  it('has channels between pages where there are any', () => {
    const channel = platformStorage.openChannel('statesocket');
    expect(channel).toBeInstanceOf(BroadcastChannel);
    channel?.close();
    vi.stubGlobal('BroadcastChannel', undefined);
    expect(platformStorage.openChannel('statesocket')).toBeUndefined();
    vi.unstubAllGlobals();
  });
});

describe('pages of one user', () => {
  it('leave the entries of a living one alone, and one of them adopts them when it dies', async () => {
    const browser = createBrowser();
    const a = browser.page();
    const first = await opening(a.store, 'c1');
    await first.session.put(entry(1));
    const second = await opening(browser.page().store, 'c2');
    const third = await opening(browser.page().store, 'c3');
    await settles();
    expect([second.adopted, third.adopted]).toEqual([[], []]);
    a.dies();
    await settles();
    expect([...second.adopted, ...third.adopted]).toEqual([[entry(1)]]);
  });

  it('that were there first adopt what a later one left', async () => {
    const browser = createBrowser();
    const first = await opening(browser.page().store, 'c1');
    const b = browser.page();
    const second = await opening(b.store, 'c2');
    await second.session.put(entry(1, { clientId: 'c2' }));
    await settles();
    b.dies();
    await expect.poll(() => first.adopted).toEqual([[entry(1, { clientId: 'c2' })]]);
  });

  it('that come later adopt what one that was there first has left, though it had nothing when they came', async () => {
    const browser = createBrowser();
    const a = browser.page();
    const first = await opening(a.store, 'c1');
    const second = await opening(browser.page().store, 'c2');
    await settles();
    await first.session.put(entry(1));
    a.dies();
    await expect.poll(() => second.adopted).toEqual([[entry(1)]]);
  });

  it('pass on what an adopter left in its turn', async () => {
    const browser = createBrowser();
    const a = browser.page();
    const first = await opening(a.store, 'c1');
    await first.session.put(entry(1));
    const b = browser.page();
    const second = await opening(b.store, 'c2');
    const third = await opening(browser.page().store, 'c3');
    a.dies();
    await expect.poll(() => second.adopted.length + third.adopted.length).toBe(1);
    const heir = second.adopted.length === 1 ? b : null;
    expect(heir).not.toBeNull();
    b.dies();
    await expect.poll(() => third.adopted).toEqual([[entry(1)]]);
  });

  it('of different users hold no lock that the other one needs', async () => {
    const browser = createBrowser();
    const a = browser.page();
    const ben = await opening(a.store, 'c1', 'ben');
    await ben.session.put(entry(1, { userId: 'ben' }));
    const ada = await opening(browser.page().store, 'c2', 'ada');
    const other = await opening(browser.page().store, 'c3', 'ben');
    a.dies();
    await expect.poll(() => other.adopted).toEqual([[entry(1, { userId: 'ben' })]]);
    expect(ada.adopted).toEqual([]);
  });
});

describe('a page that goes on speaking for a clientId after its session', () => {
  it('keeps the lock of that one: no other page adopts it before the page lets it go', async () => {
    const browser = createBrowser();
    const session = await opensHeir(browser);
    session.close(new Set(['c1']));
    const other = await opening(browser.page().store, 'c2');
    await expect.poll(() => other.adopted).toEqual([[entry(1, { clientId: 'c0' })]]);
    await settles();
    expect(other.adopted.length).toBe(1);
    session.close(NONE);
    await expect.poll(() => other.adopted.slice(1)).toEqual([[entry(1)]]);
  });

  it('keeps it also where the session ended before it had the lock', async () => {
    const browser = createBrowser();
    const session = browser.page().store.open({ userId: 'ada', clientId: 'c1', adopt: () => {} });
    const put = session.put(entry(1));
    session.close(new Set(['c1']));
    await put;
    const other = await opening(browser.page().store, 'c2');
    await settles();
    expect(other.adopted).toEqual([]);
    session.close(NONE);
    await expect.poll(() => other.adopted).toEqual([[entry(1)]]);
  });

  it('loses it when it dies', async () => {
    const browser = createBrowser();
    const page = browser.page();
    const { session } = await opens(page.store, 'c1');
    await session.put(entry(1));
    session.close(new Set(['c1']));
    const other = await opening(browser.page().store, 'c2');
    await settles();
    expect(other.adopted).toEqual([]);
    page.dies();
    await expect.poll(() => other.adopted).toEqual([[entry(1)]]);
  });

  it('writes what one session asked for before the next one reads and writes', async () => {
    const { store } = createBrowser().page({ locks: () => undefined });
    const first = await opens(store, 'c1');
    const puts = Array.from({ length: 2_000 }, (_, index) => first.session.put(entry(index + 1)));
    // While those are being written, what comes now waits for a transaction of its own.
    await new Promise((resolve) => setTimeout(resolve));
    puts.push(first.session.put(entry(2_001)));
    first.session.close(NONE);
    const between = store.open({ userId: 'ben', clientId: 'c3', adopt: () => {} });
    between.close(NONE);
    const second = await opening(store, 'c2');
    expect(second.adopted[0]?.length).toBe(2_001);
    await Promise.all(puts);
  });
});

describe('a session', () => {
  it('says whether its entries are its alone', async () => {
    const browser = createBrowser();
    expect((await opening(browser.page().store, 'c1')).session.exclusive).toBe(true);
    expect((await opening(browser.page({ locks: () => undefined }).store, 'c2')).session.exclusive).toBe(
      false,
    );
  });

  it('that may not lock goes on without', async () => {
    const browser = createBrowser();
    const refuse = () => Promise.reject(new DOMException('opaque origin', 'SecurityError'));
    const { store } = browser.page({ locks: () => ({ request: refuse, query: refuse }) });
    const { session } = await opening(store, 'c1');
    await session.put(entry(1));
    expect(session.exclusive).toBe(false);
    expect((await opening(browser.page({ locks: () => undefined }).store, 'c2')).adopted).toEqual([
      [entry(1)],
    ]);
  });

  it('holds nothing once it is closed: no lock, no channel, no database (I10)', async () => {
    const browser = createBrowser();
    const session = await opensHeir(browser);
    expect(browser.locks.heldNames).toEqual(['statesocket:outbox:c0', 'statesocket:outbox:c1']);
    session.close(NONE);
    await settles();
    expect(browser.locks.heldNames).toEqual([]);
    expect(browser.channels.size).toBe(0);
    // A database that is still open would block this.
    await new Promise<void>((resolve, reject) => {
      const request = browser.indexedDB.deleteDatabase('statesocket');
      request.onsuccess = () => resolve();
      request.onblocked = () => reject(new Error('blocked'));
    });
  });

  it('closed before it had loaded holds nothing either', async () => {
    const browser = createBrowser();
    const { store } = browser.page();
    for (const clientId of ['c1', 'c2', 'c3'])
      store.open({ userId: 'ada', clientId, adopt: () => {} }).close(NONE);
    await settles();
    expect(browser.locks.heldNames).toEqual([]);
    expect(browser.channels.size).toBe(0);
  });
});

describe('a database', () => {
  it('that does not exist on the platform makes every promise reject', async () => {
    const { store } = createBrowser().page({ indexedDB: () => undefined });
    const session = store.open({ userId: 'ada', clientId: 'c1', adopt: () => {} });
    await expect(session.loaded).rejects.toThrow('no IndexedDB');
    await expect(session.put(entry(1))).rejects.toThrow('no IndexedDB');
    session.close(NONE);
  });

  it('that is deleted while pages are open is written again with what they wait for', async () => {
    const browser = createBrowser();
    const a = browser.page();
    const { session } = await opening(a.store, 'c1');
    await session.put(entry(1));
    await session.put(entry(2));
    await session.remove([entry(1)]);
    await clears(browser);
    await session.put(entry(3));
    a.dies();
    expect((await opening(browser.page().store, 'c2')).adopted).toEqual([[entry(2), entry(3)]]);
  });

  it('that is deleted while pages are open is written again though nothing else is', async () => {
    const browser = createBrowser();
    const a = browser.page();
    const { session } = await opening(a.store, 'c1');
    await session.put(entry(1));
    await clears(browser);
    a.dies();
    expect((await opening(browser.page().store, 'c2')).adopted).toEqual([[entry(1)]]);
  });

  it('without locks that has no room for an entry has none that was put after it, until there is room for both', async () => {
    const browser = createBrowser();
    const a = browser.page({ locks: () => undefined });
    const { session } = await opening(a.store, 'c1');
    await session.put(entry(1));
    await expect(session.put(unstorable(2))).rejects.toThrow();
    await expect(session.put(entry(3))).rejects.toThrow();
    const stranger = async (clientId: string) => {
      const { adopted, session: other } = await opens(
        browser.page({ locks: () => undefined }).store,
        clientId,
      );
      other.close(NONE);
      return adopted.flat().map(({ n }) => n);
    };
    expect(await stranger('c2')).toEqual([1]);
    // What is decided still leaves.
    await session.remove([entry(1)]);
    expect(await stranger('c3')).toEqual([]);
    await session.put(entry(2));
    expect(await stranger('c4')).toEqual([2, 3]);
  });

  it('that has no room for an entry has what was put after it, where no other page sends that', async () => {
    const browser = createBrowser();
    const a = browser.page();
    const { session } = await opening(a.store, 'c1');
    await expect(session.put(unstorable(1))).rejects.toThrow();
    await session.put(entry(2));
    a.dies();
    expect((await opening(browser.page().store, 'c2')).adopted).toEqual([[entry(2)]]);
  });

  it('that was cleared has again what there is room for, beside what there is none for', async () => {
    const browser = createBrowser();
    const a = browser.page();
    const { session } = await opening(a.store, 'c1');
    await session.put(entry(1));
    await expect(session.put(unstorable(2))).rejects.toThrow();
    await clears(browser);
    a.dies();
    expect((await opening(browser.page().store, 'c2')).adopted).toEqual([[entry(1)]]);
  });

  it('without locks that has no room for one of a burst keeps what came before it and none that came after', async () => {
    const browser = createBrowser();
    const a = browser.page({ locks: () => undefined });
    const { session } = await opening(a.store, 'c1');
    const burst = await Promise.allSettled(
      [entry(1), unstorable(2), entry(3)].map((each) => session.put(each)),
    );
    expect(burst.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect((await opening(browser.page({ locks: () => undefined }).store, 'c2')).adopted).toEqual([
      [entry(1)],
    ]);
  });

  it('that has no room for an entry does all else that was asked for with it', async () => {
    const browser = createBrowser();
    const page = browser.page();
    const { session } = await opening(page.store, 'c1');
    await session.put(entry(1));
    const put = session.put(unstorable(2));
    const others = Promise.all([session.remove([entry(1)]), session.put(entry(3))]);
    await expect(put).rejects.toThrow();
    await others;
    page.dies();
    expect((await opening(browser.page().store, 'c2')).adopted).toEqual([[entry(3)]]);
  });

  it('without locks that has no room for an entry does without it once it is taken out', async () => {
    const browser = createBrowser();
    const a = browser.page({ locks: () => undefined });
    const { session } = await opening(a.store, 'c1');
    await expect(session.put(unstorable(1))).rejects.toThrow();
    await session.remove([entry(1)]);
    await session.put(entry(2));
    a.dies();
    expect((await opening(browser.page().store, 'c2')).adopted).toEqual([[entry(2)]]);
  });

  it('that holds a later version of itself is refused, and left as it is', async () => {
    const browser = createBrowser();
    await new Promise((resolve) => {
      const request = browser.indexedDB.open('statesocket', 9);
      request.onsuccess = () => {
        request.result.close();
        resolve(undefined);
      };
    });
    const session = browser.page().store.open({ userId: 'ada', clientId: 'c1', adopt: () => {} });
    await expect(session.loaded).rejects.toThrow();
    await expect(session.put(entry(1))).rejects.toThrow();
    session.close(NONE);
  });

  it('takes a burst in few transactions, in order, and none of it halfway', async () => {
    const browser = createBrowser();
    const a = browser.page();
    const { session } = await opening(a.store, 'c1');
    const puts = Array.from({ length: 1_000 }, (_, index) => session.put(entry(index + 1)));
    // A function cannot be cloned: this transaction fails as a whole, what came before it stands.
    await Promise.all(puts);
    const broken = session.put({ ...entry(1_001), text: (() => {}) as never });
    await expect(broken).rejects.toThrow();
    a.dies();
    const { adopted } = await opening(browser.page().store, 'c2');
    expect(adopted[0]?.map(({ n }) => n).sort((x, y) => x - y)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => index + 1),
    );
  });
});
