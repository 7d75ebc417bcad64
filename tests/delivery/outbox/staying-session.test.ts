import { describe, expect, it, vi } from 'vitest';
import { createLink, createStarted, createWorld, settles } from './support/outbox-world.ts';
import { createSharedStorage } from './support/shared-storage.ts';

const opensPage = (storage: ReturnType<typeof createSharedStorage>, name: string, knowsServer = true) =>
  createStarted({ store: storage.storeOf(name), name, knowsServer: () => knowsServer });

/** Another page has left `old`, and this one has adopted it. Nothing of what it says is stored yet. */
const setUpHeir = async () => {
  const storage = createSharedStorage();
  const before = opensPage(storage, 'before');
  before.says('old');
  await storage.answersAll();
  before.outbox.end('disconnect');
  const page = opensPage(storage, 'page');
  await storage.answersAll();
  return { storage, ...page };
};

describe('a session that is not wholly stored', () => {
  it('keeps what is not stored, and leaves what it had adopted and has stored to other pages at once', async () => {
    const { storage, outbox, says, shown } = await setUpHeir();
    says('new');
    await storage.fails('put page1/1');
    outbox.end('disconnect');
    expect(storage.heldClients).toEqual(['page1']);
    const other = opensPage(storage, 'other');
    await storage.answersAll();
    expect(other.shown()).toEqual(['old:queued']);
    outbox.begin('ada');
    await storage.answersAll();
    expect(shown()).toEqual(['new:queued']);
  });

  it('lets go of an adopted clientId when its last write is done, and of its own only with the rest', async () => {
    const { storage, outbox, says } = await setUpHeir();
    says('new');
    outbox.discard(outbox.entries[0]?.key ?? '');
    outbox.end('disconnect');
    expect([...storage.heldClients].sort()).toEqual(['before1', 'page1']);
    await storage.fails('put page1/1');
    await storage.answers('put before1/1');
    expect(storage.heldClients).toEqual(['page1']);
  });

  it('is never without its lock while its user comes and goes', async () => {
    const { storage, outbox, says } = await setUpHeir();
    says('new');
    await storage.fails('put page1/1');
    const held: boolean[] = [];
    const look = () => held.push(storage.heldClients.includes('page1'));
    for (let visit = 0; visit < 3; visit += 1) {
      outbox.end('disconnect');
      look();
      outbox.begin('ada');
      look();
      await storage.answers('open');
      look();
      await storage.fails('put page1/1');
      look();
    }
    expect(held).toEqual(Array(12).fill(true));
  });

  it('is in use again after the return of its user: the end of a write releases nothing', async () => {
    const { storage, outbox, says, shown } = await setUpHeir();
    says('one');
    await storage.fails('put page1/1');
    outbox.end('disconnect');
    outbox.begin('ada');
    await storage.answersAll();
    says('two');
    await storage.answersAll();
    expect(storage.heldClients).toContain('page1');
    expect(shown()).toEqual(['old:queued', 'one:queued', 'two:queued']);
  });

  it('goes on with the next number, behind what it had', async () => {
    const { storage, outbox, says } = await setUpHeir();
    says('one');
    await storage.fails('put page1/1');
    outbox.end('disconnect');
    outbox.begin('ada');
    says('two');
    const link = createLink();
    outbox.linked(link);
    await storage.answersAll();
    expect(link.frames.map(({ clientId, n }) => `${clientId}/${n}`)).toEqual([
      'before1/1',
      'page1/1',
      'page1/2',
    ]);
  });

  it('I2 sends nothing on the word of the reading before: what was left since comes first', async () => {
    const { storage, outbox, says } = await setUpHeir();
    says('new');
    outbox.end('disconnect');
    outbox.begin('ada');
    outbox.end('disconnect');
    outbox.begin('ada');
    const link = createLink();
    outbox.linked(link);
    await storage.answers('put page1/1');
    await storage.answers('open');
    expect(link.texts).toEqual([]);
    await storage.answersAll();
    expect(link.texts).toEqual(['old', 'new']);
  });

  it('I14 is nobody’s after a logout, and its lock is held until the store has forgotten it', async () => {
    const { storage, outbox, says, shown, codes } = await setUpHeir();
    says('new');
    await storage.fails('put page1/1');
    outbox.end('disconnect');
    outbox.begin('ada');
    await storage.answers('open');
    outbox.end('logout');
    expect(storage.heldClients).toContain('page1');
    expect(codes()).toEqual(['storage-failed', 'messages-discarded']);
    outbox.begin('ada');
    await storage.answersAll();
    expect(shown()).toEqual([]);
    outbox.end('disconnect');
    expect([storage.heldClients, storage.entries]).toEqual([[], []]);
  });

  it('drops a failure that no person looks for any more', async () => {
    const { outbox, says, shown, clock, receipts } = createStarted();
    const link = createLink();
    outbox.linked(link);
    says('a');
    says('b');
    receipts(link.frames[0], [{ n: 1, code: 'no' }]);
    outbox.end('disconnect');
    clock.passes(7 * 86_400_000);
    outbox.begin('ada');
    expect(shown()).toEqual(['b:queued']);
  });
});

describe('a chart that begins late, as its user came in a step of another chart', () => {
  const setUpLate = () => {
    const storage = createSharedStorage();
    const page = createWorld({ store: storage.storeOf('page'), name: 'page' });
    page.holdsCharts();
    page.outbox.begin('ada');
    return { storage, ...page };
  };

  it('I2 sends what was said meanwhile once it is stored', async () => {
    const { storage, outbox, says, beginsCharts } = setUpLate();
    says('early');
    const link = createLink();
    outbox.linked(link);
    beginsCharts();
    await settles();
    await storage.answers('open');
    expect(link.texts).toEqual([]);
    await storage.answersAll();
    expect(link.texts).toEqual(['early']);
  });

  it('I14 begins with what its user has done meanwhile, who left and came back, or logged out', async () => {
    const { storage, outbox, says, shown, beginsCharts, codes } = setUpLate();
    says('one');
    outbox.end('disconnect');
    outbox.begin('ada');
    says('two');
    expect(shown()).toEqual(['one:queued', 'two:queued']);
    outbox.end('logout');
    outbox.begin('ada');
    says('three');
    beginsCharts();
    await settles();
    await storage.answersAll();
    expect(shown()).toEqual(['three:queued']);
    expect(codes()).toEqual(['messages-discarded']);
    outbox.end('disconnect');
    expect(storage.heldClients).toEqual([]);
  });
});

describe('a full buffer that has drained', () => {
  it('tells subscribers what has gone out since', () => {
    const { outbox, says, shown, clock } = createStarted();
    const link = createLink();
    link.bufferedBytes = 1024 * 1024 + 1;
    outbox.linked(link);
    says('a');
    const listener = vi.fn();
    outbox.subscribe(listener);
    link.bufferedBytes = 0;
    clock.passes(100);
    expect(shown()).toEqual(['a:sent']);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('is not looked at when its socket is gone (I10)', () => {
    const { outbox, says, clock } = createStarted();
    const link = createLink();
    link.bufferedBytes = 1024 * 1024 + 1;
    outbox.linked(link);
    says('a');
    outbox.lost(1006);
    expect(clock.timerCount).toBe(1);
    outbox.end('dispose');
    expect(clock.timerCount).toBe(0);
  });
});
