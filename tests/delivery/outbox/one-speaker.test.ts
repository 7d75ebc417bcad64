import { describe, expect, it } from 'vitest';
import type { OutboxStore } from '../../../src/actors/outbox-store.ts';
import { createLink, createStarted, settles } from './support/outbox-world.ts';
import { createSharedStorage } from './support/shared-storage.ts';

/**
 * One page speaks for a clientId, and has all that waits under it: what it sends decides every lower number, so what
 * another page had of them would count as done.
 */

/** A page over this storage, on a server of the extension. */
const opensPage = (storage: ReturnType<typeof createSharedStorage>, name = 'page') =>
  createStarted({ store: storage.store, name, knowsServer: () => true });

/** A page with `a` and `b`, of which nothing is stored yet. */
const setUp = async () => {
  const storage = createSharedStorage();
  const page = opensPage(storage);
  await storage.answers('open');
  page.says('a');
  page.says('b');
  return { storage, page, ...page };
};
/** The store has `a` and had no room for `b`; both were sent, and the page is disconnected before any receipt. */
const setUpParted = async () => {
  const world = await setUp();
  const link = createLink();
  world.outbox.linked(link);
  await world.storage.answers('put page1/1');
  await world.storage.fails('put page1/2');
  expect(link.texts).toEqual(['a', 'b']);
  world.outbox.end('disconnect');
  return world;
};
/** What another page of that user adopts, once all is answered. */
const adoptedBy = async (storage: ReturnType<typeof createSharedStorage>, name = 'other') => {
  const other = opensPage(storage, name);
  await storage.answersAll();
  return other.shown();
};

it('a command that may have closed a socket is suspected no more once another page may have it', () => {
  const old = { userId: 'ada', clientId: 'old', n: 1, key: 'k', queuedAt: 0 };
  const state = { left: [{ ...old, text: '{"type":"SAY","text":"old"}' }], isFull: false };
  const store: OutboxStore = {
    open({ adopt }) {
      if (state.left.length > 0) adopt(state.left.splice(0));
      return {
        loaded: undefined,
        exclusive: true,
        put() {
          if (state.isFull) throw new Error('There is no room.');
          return undefined;
        },
        remove: () => undefined,
        close() {},
      };
    },
  };
  const { outbox, says } = createStarted({ store, knowsServer: () => true });
  outbox.linked(createLink());
  outbox.lost(1011);
  state.isFull = true;
  says('a');
  outbox.end('disconnect');
  state.isFull = false;
  outbox.begin('ada');
  says('b');
  const link = createLink();
  outbox.linked(link);
  expect(link.texts).toEqual(['a', 'b']);
});

describe('a clientId of which the store has a part', () => {
  it('stays with the page that has the rest: no other one speaks for that part', async () => {
    const { storage, outbox } = await setUpParted();
    expect(await adoptedBy(storage)).toEqual([]);
    outbox.begin('ada');
    const link = createLink();
    outbox.linked(link);
    await storage.answersAll();
    expect(link.texts).toEqual(['a', 'b']);
  });

  it('is whole in memory: the next session has it all before it sends any, also where the store does not open', async () => {
    const { storage, outbox } = await setUpParted();
    outbox.begin('ada');
    const link = createLink();
    outbox.linked(link);
    await storage.fails('open');
    expect(link.texts).toEqual(['a', 'b']);
    expect(storage.heldClients).toContain('page1');
  });

  it('stays where opening throws', async () => {
    const { storage, outbox } = await setUpParted();
    storage.breaks(true);
    outbox.begin('ada');
    storage.breaks(false);
    expect(storage.heldClients).toEqual(['page1']);
    expect(await adoptedBy(storage)).toEqual([]);
  });

  it('waits while another user is connected, and goes when its own is back (I14)', async () => {
    const { storage, outbox, shown } = await setUpParted();
    outbox.begin('ben');
    await storage.answersAll();
    expect(shown()).toEqual([]);
    outbox.begin('ada');
    await storage.answersAll();
    expect(shown()).toEqual(['a:queued', 'b:queued']);
  });

  it('keeps no session of another user who comes and goes', async () => {
    const { storage, outbox } = await setUpParted();
    for (let visit = 0; visit < 20; visit += 1) {
      outbox.begin('ben');
      await storage.answersAll();
      outbox.end('disconnect');
    }
    expect(Math.max(...storage.closeCounts.slice(1))).toBe(1);
    expect(storage.heldClients).toEqual(['page1']);
  });

  it('keeps no session of its own user either, as often as that one comes and goes', async () => {
    const { storage, outbox, shown } = await setUpParted();
    for (let visit = 0; visit < 20; visit += 1) {
      outbox.begin('ada');
      await storage.answers('open');
      await storage.answers('put page1/1');
      await storage.fails('put page1/2');
      outbox.end('disconnect');
    }
    // The first one holds the lock; the others are closed as they end, and when what they were storing is answered.
    expect(Math.max(...storage.closeCounts.slice(1))).toBeLessThan(4);
    expect(storage.heldClients).toEqual(['page1']);
    outbox.begin('ada');
    expect(shown()).toEqual(['a:queued', 'b:queued']);
  });

  it('is there once, whatever those do that are told of it', async () => {
    const { storage, outbox, shown } = await setUp();
    outbox.end('disconnect');
    let isFirst = true;
    outbox.subscribe(() => {
      if (!isFirst) return;
      isFirst = false;
      outbox.end('disconnect');
      outbox.begin('ada');
    });
    outbox.begin('ada');
    expect(isFirst).toBe(false);
    await storage.fails('put page1/2');
    expect(shown()).toEqual(['a:queued', 'b:queued']);
    await storage.answersAll();
    const link = createLink();
    outbox.linked(link);
    await storage.answersAll();
    expect(link.texts).toEqual(['a', 'b']);
    expect(shown()).toEqual(['a:sent', 'b:sent']);
    outbox.receipt({ type: 'RECEIPT', clientId: 'page1', n: 2, rejected: [] });
    await storage.answersAll();
    outbox.end('disconnect');
    expect(storage.heldClients).toEqual([]);
    outbox.begin('ada');
    await storage.answersAll();
    expect(shown()).toEqual([]);
  });

  it('is not lost where whoever is told of it ends the session that takes it up', async () => {
    const { storage, outbox, shown } = await setUpParted();
    const forget = outbox.subscribe(() => {
      forget();
      outbox.end('disconnect');
    });
    outbox.begin('ada');
    expect(shown()).toEqual([]);
    await storage.answersAll();
    outbox.begin('ada');
    await storage.answersAll();
    expect(shown()).toEqual(['a:queued', 'b:queued']);
  });

  it('is free for others once its user was back and all of it is stored', async () => {
    const { storage, outbox } = await setUpParted();
    outbox.begin('ada');
    await storage.answersAll();
    expect(storage.heldClients).toContain('page1');
    outbox.end('disconnect');
    expect(storage.heldClients).toEqual([]);
    expect(await adoptedBy(storage)).toEqual(['a:queued', 'b:queued']);
  });

  it('is free once dispose has told what was in memory alone', async () => {
    const { storage, outbox, errors } = await setUpParted();
    outbox.end('dispose');
    expect(errors.map(({ message }) => message).slice(1)).toEqual([
      'dispose() ended 1 waiting messages; 1 of them may have been sent already.',
    ]);
    expect(storage.heldClients).toEqual([]);
    expect(await adoptedBy(storage)).toEqual(['a:queued']);
  });

  it('that was adopted from a page that is gone stays whole too', async () => {
    const storage = createSharedStorage();
    const before = createStarted({ store: storage.store, name: 'before' });
    await storage.answers('open');
    before.says('a');
    before.says('b');
    await storage.answersAll();
    before.outbox.end('disconnect');
    const { outbox, shown } = opensPage(storage);
    await storage.answers('open');
    // It notes that a server of the extension may have them.
    await storage.answers('put before1/1');
    await storage.fails('put before1/2');
    outbox.end('disconnect');
    expect(await adoptedBy(storage)).toEqual([]);
    outbox.begin('ada');
    expect(shown()).toEqual(['a:queued', 'b:queued']);
  });
});

describe('a write that is under way when its session ends', () => {
  it('keeps its clientId until it is answered: then others adopt it', async () => {
    const { storage, outbox } = await setUp();
    outbox.end('disconnect');
    expect(storage.heldClients).toEqual(['page1']);
    await storage.answers('put page1/1');
    expect(storage.heldClients).toEqual(['page1']);
    await storage.answers('put page1/2');
    expect(storage.heldClients).toEqual([]);
    expect(await adoptedBy(storage)).toEqual(['a:queued', 'b:queued']);
  });

  it('keeps it for good where it fails, whatever else is under way', async () => {
    const { storage, outbox } = await setUp();
    outbox.end('disconnect');
    await storage.fails('put page1/1');
    outbox.begin('ben');
    outbox.end('disconnect');
    await storage.answers('put page1/2');
    expect(storage.heldClients).toEqual(['page1']);
  });

  it('keeps the session where its user comes back meanwhile: it goes on under its clientId, in order', async () => {
    const { storage, outbox, says, shown } = await setUp();
    outbox.end('disconnect');
    outbox.begin('ada');
    expect(shown()).toEqual(['a:queued', 'b:queued']);
    says('c');
    const link = createLink();
    outbox.linked(link);
    await storage.fails('put page1/2');
    await storage.answers('put page1/1');
    expect(storage.heldClients).toContain('page1');
    expect(link.texts).toEqual([]);
    await storage.answersAll();
    expect(link.frames.map(({ clientId, n, text }) => [clientId, n, text])).toEqual([
      ['page1', 1, 'a'],
      ['page1', 2, 'b'],
      ['page1', 3, 'c'],
    ]);
    outbox.end('disconnect');
    expect(storage.heldClients).toEqual([]);
  });

  it('keeps what a person took out from coming back with another page', async () => {
    const storage = createSharedStorage();
    const { outbox, says } = createStarted({ store: storage.store, name: 'page' });
    await storage.answers('open');
    says('a');
    await storage.answers('put page1/1');
    outbox.discard(outbox.entries[0]?.key ?? '');
    outbox.end('disconnect');
    expect(storage.heldClients).toEqual(['page1']);
    await storage.answers('remove page1/1');
    expect(storage.heldClients).toEqual([]);
    expect(await adoptedBy(storage)).toEqual([]);
  });

  it('and has failed is told by dispose, whatever else is under way; then nothing is held', async () => {
    const { storage, outbox, codes } = await setUp();
    outbox.end('disconnect');
    await storage.fails('put page1/1');
    outbox.end('dispose');
    expect(codes()).toEqual(['storage-failed', 'messages-discarded']);
    await storage.fails('put page1/2');
    expect(storage.heldClients).toEqual([]);
  });

  it('at dispose holds nothing after it, failed or not', async () => {
    const { storage, outbox } = await setUp();
    outbox.end('dispose');
    await storage.fails('put page1/1');
    await storage.answers('put page1/2');
    expect(storage.heldClients).toEqual([]);
  });
});

describe('a store that does not open', () => {
  it('leaves the page its clientId: what is said later is stored by the next session, and is nobody else’s', async () => {
    const storage = createSharedStorage();
    const { outbox, says, shown } = opensPage(storage);
    await storage.fails('open');
    says('a');
    says('b');
    outbox.end('disconnect');
    outbox.begin('ada');
    expect(shown()).toEqual(['a:queued', 'b:queued']);
    await storage.answers('open');
    await storage.fails('put page1/1');
    await storage.answers('put page1/2');
    expect(await adoptedBy(storage)).toEqual([]);
  });

  it('holds what was stored before that, until the page lets it go', async () => {
    const storage = createSharedStorage();
    const { outbox, says } = createStarted({ store: storage.store, name: 'page' });
    says('a');
    await storage.answers('put page1/1');
    await storage.fails('open');
    expect(storage.heldClients).toEqual(['page1']);
    outbox.end('disconnect');
    expect(storage.heldClients).toEqual([]);
    expect(await adoptedBy(storage)).toEqual(['a:queued']);
  });

  it('has not stored the last word on an entry when it answers to an earlier one', async () => {
    const storage = createSharedStorage();
    const { outbox, says } = opensPage(storage);
    says('a');
    await storage.fails('open');
    outbox.discard(outbox.entries[0]?.key ?? '');
    await storage.answers('put page1/1');
    outbox.end('disconnect');
    expect(storage.heldClients).toEqual(['page1']);
  });

  it('leaves nothing in memory alone where a write of before hangs, and the next session has stored it', async () => {
    const storage = createSharedStorage();
    const { outbox, clock, says } = opensPage(storage);
    await storage.answers('open');
    says('a');
    outbox.end('disconnect');
    outbox.begin('ada');
    await storage.answers('open');
    // That of the first session: the second one asks again.
    const hangs = storage.forgets('put page1/1');
    await storage.answersAll();
    clock.passes(5_000);
    await settles();
    outbox.end('disconnect');
    expect([hangs, storage.heldClients]).toEqual(['put page1/1', []]);
  });

  it('or close is reported, and stops nothing', async () => {
    const store: OutboxStore = {
      open: () => ({
        loaded: undefined,
        exclusive: true,
        put: () => undefined,
        remove: () => undefined,
        close() {
          throw new Error('Already gone.');
        },
      }),
    };
    const { outbox, says, shown, codes } = createStarted({ store });
    says('a');
    outbox.end('disconnect');
    expect(codes()).toEqual(['storage-failed']);
    outbox.begin('ada');
    expect(shown()).toEqual([]);
  });

  it('after its session is over is nobody’s business', async () => {
    const storage = createSharedStorage();
    const { outbox, codes } = opensPage(storage);
    outbox.end('disconnect');
    await storage.fails('open');
    expect(codes()).toEqual([]);
  });
});
