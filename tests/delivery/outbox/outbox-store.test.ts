import { describe, expect, it, vi } from 'vitest';
import type { OutboxStore } from '../../../src/actors/outbox-store.ts';
import { createMapStore } from './support/map-store.ts';
import {
  createLink,
  createSlowStore,
  createStarted,
  type createWorld,
  settles,
} from './support/outbox-world.ts';

/** A world whose store has opened, and whose server is of the extension. */
const setUp = async (options: Parameters<typeof createWorld>[0] = {}) => {
  const slow = createSlowStore();
  const world = createStarted({ store: slow.store, knowsServer: () => true, ...options });
  const link = createLink();
  await slow.answers();
  world.outbox.linked(link);
  return { ...world, slow, link };
};

describe('an entry', () => {
  it('is stored before it is first sent, and none overtakes one that is being stored', async () => {
    const { slow, link, says, shown } = await setUp();
    expect(says('a')).toBe('queued');
    says('b');
    expect(link.texts).toEqual([]);
    await slow.answers();
    expect(link.texts).toEqual(['a']);
    expect(shown()).toEqual(['a:sent', 'b:queued']);
    await slow.answers();
    expect(link.texts).toEqual(['a', 'b']);
  });

  it('waits until what was left from before has been read: that goes first', async () => {
    const slow = createSlowStore();
    const before = createStarted({ store: slow.store, name: 'before' });
    await slow.answers();
    before.says('old');
    await slow.answers();
    const { outbox, says } = createStarted({ store: slow.store });
    const link = createLink();
    outbox.linked(link);
    says('new');
    expect(link.texts).toEqual([]);
    await slow.answersAll();
    expect(link.texts).toEqual(['old', 'new']);
    expect(link.frames[0]).toMatchObject({ clientId: 'before1', n: 1, key: 'before2' });
  });

  it('that was queued while a clock was ahead has its age from when it is taken up, and that is stored', async () => {
    const slow = createSlowStore();
    const before = createStarted({ store: slow.store, name: 'before' });
    await slow.answers();
    before.clock.passes(3_600_000);
    before.says('old');
    await slow.answers();
    const { outbox, clock } = createStarted({ store: slow.store, maxAgeMs: 1_000 });
    await slow.answersAll();
    expect(slow.log).toEqual(['open', 'put 1', 'open', 'put 1']);
    expect(outbox.entries[0]?.queuedAt).toBe(clock.now());
    clock.passes(1_000);
    const link = createLink();
    outbox.linked(link);
    await slow.answersAll();
    expect(link.texts).toEqual(['SKIP']);
  });

  it('is forgotten when it is delivered, and kept with its code when it failed', async () => {
    const { slow, link, says, receipts } = await setUp();
    says('a');
    says('b');
    await slow.answersAll();
    receipts(link.frames[1], [{ n: 1, code: 'no' }]);
    expect(slow.log).toEqual(['open', 'put 1', 'put 2', 'put 1no', 'remove 2']);
  });

  it('that has failed is shown as failed by the next page too, and goes to no server by itself', async () => {
    const { slow, link, says, receipts } = await setUp({ name: 'before' });
    says('a');
    await slow.answersAll();
    receipts(link.frames[0], [{ n: 1, code: 'no' }]);
    await slow.answersAll();
    const next = createStarted({ store: slow.store, knowsServer: () => true });
    const other = createLink();
    next.outbox.linked(other);
    await slow.answersAll();
    expect(next.shown()).toEqual(['a:failed:no']);
    expect(other.texts).toEqual([]);
  });

  it('goes to a plain server without the store', async () => {
    const slow = createSlowStore();
    const { outbox, says } = createStarted({ store: slow.store });
    await slow.answers();
    outbox.plain(createLink());
    expect(says('a')).toBe('sent');
    expect(slow.log).toEqual(['open']);
  });

  it('that a server of the extension may have is stored as such before it goes: a reload gives it to no plain server', async () => {
    const slow = createSlowStore();
    const { outbox, says } = createStarted({ store: slow.store, name: 'before' });
    await slow.answers();
    says('a');
    await slow.answers();
    const link = createLink();
    outbox.linked(link);
    expect(link.texts).toEqual([]);
    await slow.answers();
    expect(link.texts).toEqual(['a']);
    const after = createStarted({ store: slow.store });
    await slow.answersAll();
    const plain = createLink();
    after.outbox.plain(plain);
    expect(plain.texts).toEqual([]);
    expect(after.shown()).toEqual(['a:queued']);
  });
});

describe('a verdict', () => {
  it('is stored before the next socket lets the server forget it', async () => {
    const { slow, outbox, link, says, receipts } = await setUp();
    says('a');
    await slow.answersAll();
    says('b');
    await slow.answersAll();
    outbox.lost(1006);
    const second = createLink({ window: 1 });
    outbox.linked(second);
    receipts(link.frames[0], [{ n: 1, code: 'no' }]);
    expect(second.texts).toEqual(['a', 'b']);
    outbox.lost(1006);
    const third = createLink();
    outbox.linked(third);
    expect(third.texts).toEqual([]);
    await slow.answersAll();
    expect(third.texts).toEqual(['b']);
  });
});

describe('the end of an entry that no server knows', () => {
  it('by age is shown once the store has it: until then a reload would send it', async () => {
    const slow = createSlowStore();
    const { outbox, says, shown, clock, codes } = createStarted({ store: slow.store });
    await slow.answers();
    says('a');
    await slow.answers();
    clock.passes(86_400_000);
    expect([shown(), codes()]).toEqual([['a:queued'], []]);
    const link = createLink();
    outbox.linked(link);
    expect(link.texts).toEqual([]);
    await slow.answersAll();
    expect([shown(), codes()]).toEqual([['a:failed:expired'], ['message-failed']]);
    expect(link.texts).toEqual([]);
  });

  it('by discard too, and it is not sent meanwhile', async () => {
    const slow = createSlowStore();
    const { outbox, says, shown } = createStarted({ store: slow.store });
    await slow.answers();
    says('a');
    says('b');
    await slow.answersAll();
    outbox.discard(outbox.entries[0]?.key ?? '');
    expect(shown()).toEqual(['a:queued', 'b:queued']);
    const link = createLink();
    outbox.linked(link);
    await slow.answersAll();
    expect(shown()).toEqual(['b:sent']);
    expect(link.texts).toEqual(['b']);
  });

  it('is nobody’s any more after logout', async () => {
    const slow = createSlowStore();
    const { outbox, says, clock, codes } = createStarted({ store: slow.store });
    await slow.answers();
    says('a');
    await slow.answers();
    clock.passes(86_400_000);
    outbox.end('logout');
    await slow.answersAll();
    expect(outbox.entries).toEqual([]);
    expect(codes()).toEqual([]);
  });
});

describe('a store that fails (storage-failed)', () => {
  it('to keep an entry is reported once; the entry goes from memory, and does not leave it before its verdict', async () => {
    const { slow, outbox, link, says, codes, receipts, shown } = await setUp();
    says('a');
    says('b');
    await slow.fails();
    await slow.fails();
    expect(codes()).toEqual(['storage-failed']);
    expect(link.texts).toEqual(['a', 'b']);
    receipts(link.frames[0]);
    outbox.end('disconnect');
    outbox.begin('ada');
    expect(shown()).toEqual(['b:queued']);
    outbox.end('dispose');
    expect(codes()).toEqual(['storage-failed', 'messages-discarded']);
  });

  it('stores it again with the next session, and then the entry outlives the page', async () => {
    const { slow, outbox, says, codes } = await setUp();
    says('a');
    await slow.fails();
    outbox.end('disconnect');
    outbox.begin('ada');
    await slow.answersAll();
    expect(slow.log.slice(-2)).toEqual(['open', 'put 1']);
    outbox.end('dispose');
    expect(codes()).toEqual(['storage-failed']);
    const after = createStarted({ store: slow.store, name: 'after' });
    await slow.answersAll();
    expect(after.shown()).toEqual(['a:queued']);
  });

  it('to open is not asked again, and everything goes from memory', async () => {
    const slow = createSlowStore();
    const { outbox, says, codes, shown } = createStarted({ store: slow.store });
    says('a');
    await slow.fails();
    await slow.answersAll();
    const link = createLink();
    outbox.linked(link);
    expect(link.texts).toEqual(['a']);
    says('b');
    expect(link.texts).toEqual(['a', 'b']);
    expect(codes()).toEqual(['storage-failed']);
    expect(slow.log).toEqual(['open', 'put 1', 'close u1']);
    outbox.end('disconnect');
    outbox.begin('ada');
    expect(shown()).toContain('b:queued');
  });

  it('by throwing is as one that rejects', () => {
    const store: OutboxStore = {
      open() {
        throw new Error('private mode');
      },
    };
    const { outbox, says, codes } = createStarted({ store });
    const link = createLink();
    outbox.linked(link);
    expect(says('a')).toBe('sent');
    expect(codes()).toEqual(['storage-failed']);
  });

  it('by never answering is given up after 5 s of a page that runs', async () => {
    const slow = createSlowStore();
    const { outbox, says, clock, codes } = createStarted({ store: slow.store });
    const link = createLink();
    outbox.linked(link);
    says('a');
    clock.sleeps(60_000);
    await settles();
    expect(codes()).toEqual([]);
    clock.passes(5_000);
    await settles();
    expect(codes()).toEqual(['storage-failed']);
    expect(link.texts).toEqual(['a']);
  });

  it('too late brings nothing back that was taken out meanwhile', async () => {
    const { slow, outbox, says, shown } = await setUp();
    says('a');
    outbox.discard(outbox.entries[0]?.key ?? '');
    await slow.fails();
    outbox.end('disconnect');
    outbox.begin('ada');
    await slow.answersAll();
    expect(shown()).toEqual([]);
  });

  it('after its user has left and come back changes nothing: the session goes on, and stores it again', async () => {
    const { slow, outbox, says, shown, codes } = await setUp();
    says('a');
    outbox.end('disconnect');
    outbox.begin('ada');
    expect(shown()).toEqual(['a:queued']);
    await slow.fails();
    expect(shown()).toEqual(['a:queued']);
    await slow.answersAll();
    expect(slow.log.slice(-2)).toEqual(['open', 'put 1']);
    outbox.end('dispose');
    expect(codes()).toEqual(['storage-failed']);
  });

  it('to hold something readable has it removed, and says so', async () => {
    const store = createMapStore();
    const before = store.open({ userId: 'ada', clientId: 'x', adopt: () => {} });
    before.put({ userId: 'ada', clientId: 'x', n: 1, key: 'k', text: 'no JSON', queuedAt: 0 });
    const { codes, shown } = createStarted({ store });
    expect(codes()).toEqual(['storage-failed']);
    expect(shown()).toEqual([]);
  });
});

describe('a store of the app’s own that mixes entries up', () => {
  const entry = {
    userId: 'ada',
    clientId: 'x',
    n: 1,
    key: 'k',
    text: '{"type":"SAY","text":"a"}',
    queuedAt: 0,
  };
  const of = (...left: (typeof entry)[]) => {
    const removed: string[] = [];
    const store: OutboxStore = {
      open: ({ adopt }) => {
        adopt(left);
        return {
          loaded: undefined,
          exclusive: true,
          put: () => undefined,
          remove: (entries) => void removed.push(...entries.map(({ key }) => key)),
          close() {},
        };
      },
    };
    return { ...createStarted({ store }), removed };
  };

  it('sends nothing of another user, says so, and leaves it there (I14)', () => {
    const { outbox, shown, codes, removed } = of(entry, { ...entry, userId: 'ben', key: 'b' });
    expect(shown()).toEqual(['a:queued']);
    expect(codes()).toEqual(['storage-failed']);
    outbox.end('logout');
    expect(removed).toEqual(['k']);
  });

  it('takes an entry up once, however often it is given', () => {
    expect(of(entry, entry).shown()).toEqual(['a:queued']);
  });
});

describe('a store that others may read', () => {
  it('has entries fail through a verdict only, though they were never sent', async () => {
    const slow = createSlowStore({ exclusive: false });
    const { outbox, says, shown, clock, receipts } = createStarted({ store: slow.store, maxAgeMs: 1_000 });
    await slow.answersAll();
    says('a');
    says('b');
    await slow.answersAll();
    outbox.discard(outbox.entries[1]?.key ?? '');
    clock.passes(5_000);
    expect(shown()).toEqual(['a:queued']);
    const link = createLink();
    outbox.linked(link);
    await slow.answersAll();
    expect(link.texts).toEqual(['SKIP', 'SKIP']);
    receipts(link.frames[1], [
      { n: 1, code: 'skipped' },
      { n: 2, code: 'skipped' },
    ]);
    expect(shown()).toEqual(['a:failed:expired']);
  });
});

describe('the end of a session', () => {
  it('by logout empties the store of its user, what was still being read included', async () => {
    const slow = createSlowStore();
    const before = createStarted({ store: slow.store, name: 'before' });
    await slow.answers();
    before.says('old');
    await slow.answers();
    const { outbox, says, codes, errors } = createStarted({ store: slow.store });
    says('new');
    outbox.end('logout');
    await slow.answersAll();
    expect(codes()).toEqual(['messages-discarded', 'messages-discarded']);
    expect(errors.map(({ message }) => message)).toEqual([
      'logout() ended 1 waiting messages; 0 of them may have been sent already.',
      'logout() ended 1 waiting messages; 1 of them may have been sent already.',
    ]);
    const after = createStarted({ store: slow.store, name: 'after' });
    await slow.answersAll();
    expect(after.shown()).toEqual([]);
  });

  it('by logout does so where the connection is disposed of at once: the user finds nothing of it again', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { slow, outbox, says } = await setUp();
    says('a');
    await slow.answersAll();
    outbox.end('disconnect');
    outbox.begin('ada');
    outbox.end('logout');
    outbox.end('dispose');
    await slow.answersAll();
    expect(slow.log.at(-1)).toBe('close');
    const after = createStarted({ store: slow.store, name: 'after' });
    await slow.answersAll();
    expect(after.shown()).toEqual([]);
    expect(warn.mock.calls).toEqual([]);
    warn.mockRestore();
  });

  it('by dispose says nothing of what the store keeps', async () => {
    const { slow, outbox, says, codes } = await setUp();
    says('a');
    await slow.answersAll();
    outbox.end('dispose');
    expect(codes()).toEqual([]);
    expect(slow.log.at(-1)).toBe('close');
  });

  it('by dispose while a verdict is being kept ends its chart: nothing more is sent to it', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { slow, outbox, says, link, receipts } = await setUp();
    says('a');
    await slow.answersAll();
    receipts(link.frames[0]);
    outbox.end('dispose');
    await slow.answersAll();
    // XState warns of an event that an actor is sent after its end.
    expect(warn.mock.calls).toEqual([]);
    warn.mockRestore();
  });

  it('by a switch while the store is still being read shows nothing of one user to the other (I14)', async () => {
    const slow = createSlowStore();
    const before = createStarted({ store: slow.store, name: 'before' });
    await slow.answers();
    before.says('old');
    await slow.answers();
    const { outbox, shown } = createStarted({ store: slow.store });
    outbox.begin('ben');
    await slow.answersAll();
    expect(shown()).toEqual([]);
  });
});
