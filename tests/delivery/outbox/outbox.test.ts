import { describe, expect, it, vi } from 'vitest';
import { createMapStore } from './support/map-store.ts';
import { createLink, createStarted, createWorld } from './support/outbox-world.ts';

describe('a durable message', () => {
  it('is refused while nobody is connected', () => {
    const { outbox, says, codes } = createWorld();
    expect(says('a')).toBe('refused');
    expect(codes()).toEqual(['not-connected']);
    expect(outbox.entries).toEqual([]);
  });

  it('waits for a socket, is sent with its name, and is delivered by its receipt', () => {
    const { outbox, says, shown, receipts } = createStarted();
    expect(says('a')).toBe('queued');
    expect(shown()).toEqual(['a:queued']);
    const link = createLink();
    outbox.linked(link);
    expect(link.frames).toEqual([{ type: 'SAY', text: 'a', clientId: 'u1', n: 1, key: 'u2' }]);
    expect(shown()).toEqual(['a:sent']);
    receipts(link.frames[0]);
    expect(shown()).toEqual(['a:delivered']);
    expect(outbox.entries[0]?.key).toBe('u2');
  });

  it('goes at once on an open socket, under the next number', () => {
    const { outbox, says } = createStarted();
    const link = createLink();
    outbox.linked(link);
    expect(says('a')).toBe('sent');
    expect(says('b')).toBe('sent');
    expect(link.frames.map(({ n }) => n)).toEqual([1, 2]);
  });

  it('has the name that the outbox gave it, whatever the app wrote there', () => {
    const { outbox } = createStarted();
    const link = createLink();
    outbox.linked(link);
    outbox.add('{"type":"SAY","n":99,"clientId":"mine","key":"k"}');
    expect(link.frames[0]).toMatchObject({ clientId: 'u1', n: 1, key: 'u2' });
  });

  it.each([
    ['a prototype', '{"type":"SAY","__proto__":{"a":1}}'],
    ['too many levels', `{"type":"SAY","deep":${'['.repeat(70)}${']'.repeat(70)}}`],
    ['the type of a batch', '{"type":"BATCH"}'],
  ])('that the server would close the socket over is refused: %s', (_, text) => {
    const { outbox, codes } = createStarted();
    expect(outbox.add(text)).toBe('refused');
    expect(codes()).toEqual(['message-not-serialisable']);
    expect(outbox.entries).toEqual([]);
  });

  it('is sent once on each socket, and again on the next one while no receipt has come (I2)', () => {
    const { outbox, says, shown } = createStarted();
    const first = createLink();
    outbox.linked(first);
    says('a');
    says('b');
    outbox.lost(1006);
    expect(shown()).toEqual(['a:sent', 'b:sent']);
    says('c');
    const second = createLink();
    outbox.linked(second);
    expect(first.texts).toEqual(['a', 'b']);
    expect(second.texts).toEqual(['a', 'b', 'c']);
    expect(second.frames.slice(0, 2)).toEqual(first.frames);
  });

  it('is rejected by its verdict alone: the others of the receipt took effect', () => {
    const { outbox, says, shown, receipts, codes } = createStarted();
    const link = createLink();
    outbox.linked(link);
    for (const text of ['a', 'b', 'c']) says(text);
    receipts(link.frames[2], [{ n: 2, code: 'no-such-group' }]);
    expect(shown()).toEqual(['a:delivered', 'b:failed:no-such-group', 'c:delivered']);
    expect(codes()).toEqual(['message-failed']);
  });

  it('is not delivered by a receipt of another client, nor by one for what was never sent', () => {
    const { outbox, says, shown } = createStarted();
    const link = createLink({ window: 1 });
    outbox.linked(link);
    says('a');
    says('b');
    outbox.receipt({ type: 'RECEIPT', clientId: 'other', n: 9, rejected: [] });
    expect(shown()).toEqual(['a:sent', 'b:queued']);
    outbox.receipt({ type: 'RECEIPT', clientId: 'u1', n: 9, rejected: [] });
    expect(shown()).toEqual(['a:delivered', 'b:sent']);
  });

  it('may be receipted while its frame is being sent', () => {
    const world = createStarted();
    const link = createLink({ window: 2, onSend: (frame) => world.receipts(frame) });
    for (const text of ['a', 'b', 'c', 'd']) world.says(text);
    world.outbox.linked(link);
    expect(link.texts).toEqual(['a', 'b', 'c', 'd']);
    expect(world.shown()).toEqual(['a:delivered', 'b:delivered', 'c:delivered', 'd:delivered']);
  });
});

describe('the window', () => {
  it('is filled and refilled by receipts, in order', () => {
    const { outbox, says, receipts } = createStarted();
    for (let i = 0; i < 10; i += 1) says(String(i));
    const link = createLink({ window: 3 });
    outbox.linked(link);
    expect(link.texts).toEqual(['0', '1', '2']);
    receipts(link.frames[0]);
    expect(link.texts).toEqual(['0', '1', '2', '3']);
    receipts(link.frames[3]);
    expect(link.texts).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  });
});

describe('a server that sends no receipt', () => {
  it('for 15 s loses its socket, once', () => {
    const { outbox, says, clock } = createStarted();
    const link = createLink();
    outbox.linked(link);
    clock.passes(60_000);
    says('a');
    clock.passes(10_000);
    says('b');
    clock.passes(4_999);
    expect(link.brokenCount).toBe(0);
    clock.passes(1);
    expect(link.brokenCount).toBe(1);
    clock.passes(60_000);
    expect(link.brokenCount).toBe(1);
    says('c');
    expect(link.texts).toEqual(['a', 'b']);
  });

  it('has 15 s from its last receipt, and none to fear with nothing in flight', () => {
    const { outbox, says, clock, receipts } = createStarted();
    const link = createLink();
    outbox.linked(link);
    says('a');
    says('b');
    clock.passes(14_000);
    receipts(link.frames[0]);
    clock.passes(14_000);
    receipts(link.frames[1]);
    expect(clock.timerCount).toBe(0);
    expect(link.brokenCount).toBe(0);
  });

  it('is not condemned by a timer that slept', () => {
    const { outbox, says, clock } = createStarted();
    const link = createLink();
    outbox.linked(link);
    says('a');
    clock.sleeps(3_600_000);
    expect(link.brokenCount).toBe(0);
    clock.passes(15_000);
    expect(link.brokenCount).toBe(1);
  });
});

describe('a socket that throws', () => {
  it('is given up, and nothing overtakes what it refused', () => {
    const { outbox, says, codes } = createStarted();
    const link = createLink({
      onSend(frame) {
        if (frame.text === 'b') throw new Error('no');
      },
    });
    outbox.linked(link);
    for (const text of ['a', 'b', 'c']) says(text);
    expect(link.texts).toEqual(['a', 'b']);
    expect(link.brokenCount).toBe(1);
    expect(codes()).toEqual(['send-failed']);
    outbox.lost(null);
    const next = createLink();
    outbox.linked(next);
    expect(next.texts).toEqual(['a', 'b', 'c']);
  });
});

describe('a full buffer of the platform', () => {
  it('holds durable messages until it has drained', () => {
    const { outbox, says, clock } = createStarted();
    const link = createLink();
    link.bufferedBytes = 1024 * 1024 + 1;
    outbox.linked(link);
    expect(says('a')).toBe('queued');
    clock.passes(1_000);
    expect(link.texts).toEqual([]);
    link.bufferedBytes = 0;
    clock.passes(100);
    expect(link.texts).toEqual(['a']);
  });
});

describe('a plain server', () => {
  it('gets the queue in order and without names (I12), and each entry ends as sent', () => {
    const { outbox, says, shown } = createStarted();
    const seen: string[][] = [];
    outbox.subscribe(() => seen.push(shown()));
    says('a');
    says('b');
    const link = createLink();
    outbox.plain(link);
    expect(link.frames).toEqual([
      { type: 'SAY', text: 'a' },
      { type: 'SAY', text: 'b' },
    ]);
    expect(seen).toContainEqual(['a:sent', 'b:sent']);
    expect(outbox.entries).toEqual([]);
    expect(says('c')).toBe('sent');
    expect(link.texts).toEqual(['a', 'b', 'c']);
    outbox.lost(1006);
    outbox.plain(createLink());
    expect(outbox.entries).toEqual([]);
  });

  it('gets nothing that a server of the extension may have: that one would do it too, and was only slow to say WELCOME', () => {
    const { outbox, says, shown } = createStarted({ knowsServer: () => true });
    outbox.linked(createLink());
    says('a');
    outbox.lost(1006);
    says('b');
    const slow = createLink();
    outbox.plain(slow);
    expect(slow.texts).toEqual([]);
    expect(shown()).toEqual(['a:sent', 'b:queued']);
    outbox.lost(1006);
    const link = createLink();
    outbox.linked(link);
    expect(link.texts).toEqual(['a', 'b']);
  });

  it('ends what is held from it when that is too old or withdrawn, since no verdict comes', () => {
    const { outbox, says, shown, clock } = createStarted({ knowsServer: () => true });
    outbox.linked(createLink());
    says('a');
    says('b');
    outbox.lost(1006);
    outbox.discard(outbox.entries[0]?.key ?? '');
    const link = createLink();
    outbox.plain(link);
    says('c');
    expect(shown()).toEqual(['b:sent', 'c:queued']);
    clock.passes(86_400_000);
    expect(shown()).toEqual(['b:failed:expired', 'c:failed:expired']);
    expect(link.texts).toEqual([]);
  });

  it('that refuses a frame leaves the message queued', () => {
    const { outbox, says, shown } = createStarted();
    says('a');
    const link = createLink({
      onSend() {
        throw new Error('no');
      },
    });
    outbox.plain(link);
    expect(link.brokenCount).toBe(1);
    expect(shown()).toEqual(['a:queued']);
  });
});

describe('the caps (I15)', () => {
  it('refuse a message more than maxCount, by name, and take it when one is decided', () => {
    const { outbox, says, codes, shown, receipts } = createStarted({ maxCount: 2 });
    says('a');
    says('b');
    expect(says('c')).toBe('refused');
    expect(codes()).toEqual(['outbox-full']);
    expect(shown()).toEqual(['a:queued', 'b:queued']);
    const link = createLink();
    outbox.linked(link);
    receipts(link.frames[0]);
    expect(says('c')).toBe('sent');
  });

  it('keep the last 50 delivered and the last 100 failed in sight', () => {
    const { outbox, says, receipts } = createStarted();
    const link = createLink({ window: 1_000 });
    outbox.linked(link);
    for (let i = 0; i < 60; i += 1) says(String(i));
    receipts(link.frames.at(-1));
    expect(outbox.entries).toHaveLength(50);
    expect(outbox.entries[0]?.message.text).toBe('10');
    for (let i = 0; i < 120; i += 1) says(`f${i}`);
    const rejected = link.frames.slice(60).map(({ n = 0 }) => ({ n, code: 'no' }));
    receipts(link.frames.at(-1), rejected);
    expect(outbox.entries).toHaveLength(150);
    expect(outbox.entries[50]?.message.text).toBe('f20');
  });
});

describe('an old message', () => {
  it('that was never sent fails on its day, without a socket', () => {
    const { says, shown, clock, codes } = createStarted({ maxAgeMs: 1_000 });
    says('a');
    clock.passes(600);
    says('b');
    clock.passes(399);
    expect(shown()).toEqual(['a:queued', 'b:queued']);
    clock.passes(1);
    expect(shown()).toEqual(['a:failed:expired', 'b:queued']);
    clock.passes(600);
    expect(shown()).toEqual(['a:failed:expired', 'b:failed:expired']);
    expect(codes()).toEqual(['message-failed', 'message-failed']);
    expect(clock.timerCount).toBe(0);
  });

  it('that was ever sent is skipped at the server, and fails by that verdict', () => {
    const { outbox, says, shown, clock, receipts } = createStarted({ maxAgeMs: 20_000 });
    outbox.linked(createLink());
    says('a');
    outbox.lost(1006);
    clock.passes(30_000);
    expect(shown()).toEqual(['a:sent']);
    const link = createLink();
    outbox.linked(link);
    expect(link.frames).toEqual([{ type: 'SKIP', clientId: 'u1', n: 1, key: 'u2' }]);
    receipts(link.frames[0], [{ n: 1, code: 'skipped' }]);
    expect(shown()).toEqual(['a:failed:expired']);
  });

  it('that had taken effect before its SKIP is delivered; one that had been rejected fails with that code', () => {
    const { outbox, says, shown, clock, receipts } = createStarted({ maxAgeMs: 20_000 });
    outbox.linked(createLink());
    says('a');
    says('b');
    outbox.lost(1006);
    clock.passes(30_000);
    const link = createLink();
    outbox.linked(link);
    receipts(link.frames[1], [{ n: 2, code: 'not-a-member' }]);
    expect(shown()).toEqual(['a:delivered', 'b:failed:not-a-member']);
  });
});

describe('a command that closes its sockets', () => {
  it.each([1003, 1007, 1009, 1011])(
    'three times with %i is quarantined; those beside it get through',
    (code) => {
      const { outbox, says, shown, receipts, codes } = createStarted();
      for (const text of ['a', 'b', 'poison', 'c']) says(text);
      const closes: string[][] = [];
      for (let i = 0; i < 4; i += 1) {
        const link = createLink();
        outbox.linked(link);
        // From the second socket on one goes at a time, up to the one that closes it.
        while (i > 0 && link.texts.at(-1) !== 'poison') receipts(link.frames.at(-1));
        closes.push([...link.texts]);
        outbox.lost(code);
      }
      expect(closes).toEqual([['a', 'b', 'poison', 'c'], ['a', 'b', 'poison'], ['poison'], ['poison']]);
      const link = createLink();
      outbox.linked(link);
      expect(link.texts).toEqual(['SKIP']);
      receipts(link.frames[0], [{ n: 3, code: 'skipped' }]);
      expect(link.texts).toEqual(['SKIP', 'c']);
      receipts(link.frames[1]);
      expect(shown()).toEqual(['a:delivered', 'b:delivered', 'poison:failed:quarantined', 'c:delivered']);
      expect(codes()).toEqual(['message-failed']);
    },
  );

  it('is not suspected for other closes', () => {
    const { outbox, says, shown } = createStarted();
    says('a');
    says('b');
    for (let i = 0; i < 10; i += 1) {
      const link = createLink();
      outbox.linked(link);
      expect(link.texts).toEqual(['a', 'b']);
      outbox.lost(i % 2 === 0 ? 1006 : null);
    }
    expect(shown()).toEqual(['a:sent', 'b:sent']);
  });

  // 1013 is what a `handle` gives that throws each time, and an engine that is down for an hour.
  it.each([1000, 1001, 1006, 1008, 1012, 1013, 4400, 4401, 4408, 4429])(
    'with %i, however often, is tried again until its age ends it, and what was said after it behind it',
    (code) => {
      const { outbox, says, shown, clock, receipts } = createStarted({ maxAgeMs: 86_400_000 });
      says('throws');
      says('b');
      const closesEverySocket = () => {
        const link = createLink();
        outbox.linked(link);
        outbox.lost(code);
        return link.texts;
      };

      for (let hour = 1; hour < 24; hour += 1) {
        expect(closesEverySocket()).toEqual(['throws', 'b']);
        clock.passes(3_600_000);
      }
      expect(shown()).toEqual(['throws:sent', 'b:sent']);
      clock.passes(3_600_001);

      const link = createLink();
      outbox.linked(link);
      expect(link.texts).toEqual(['SKIP', 'SKIP']);
      receipts(link.frames[1], [
        { n: 1, code: 'skipped' },
        { n: 2, code: 'skipped' },
      ]);
      expect(shown()).toEqual(['throws:failed:expired', 'b:failed:expired']);
    },
  );
});

describe('discard', () => {
  it('takes out at once what was never sent, and its number stays unused', () => {
    const { outbox, says, shown } = createStarted();
    says('a');
    says('b');
    outbox.discard(outbox.entries[0]?.key ?? '');
    expect(shown()).toEqual(['b:queued']);
    const link = createLink();
    outbox.linked(link);
    expect(link.frames.map(({ n, text }) => [n, text])).toEqual([[2, 'b']]);
  });

  it('withdraws at the server what was sent', () => {
    const { outbox, says, shown, receipts, codes } = createStarted();
    outbox.linked(createLink());
    says('a');
    outbox.lost(1006);
    outbox.discard(outbox.entries[0]?.key ?? '');
    expect(shown()).toEqual([]);
    const link = createLink();
    outbox.linked(link);
    expect(link.texts).toEqual(['SKIP']);
    receipts(link.frames[0], [{ n: 1, code: 'skipped' }]);
    expect(shown()).toEqual([]);
    expect(codes()).toEqual([]);
  });

  it('that comes too late brings it back as delivered', () => {
    const { outbox, says, shown, receipts } = createStarted();
    const link = createLink();
    outbox.linked(link);
    says('a');
    outbox.discard(outbox.entries[0]?.key ?? '');
    expect(shown()).toEqual([]);
    expect(link.texts).toEqual(['a']);
    receipts(link.frames[0]);
    expect(shown()).toEqual(['a:delivered']);
  });

  it('takes out a failed and a delivered one, and does nothing for a key that is unknown', () => {
    const { outbox, says, shown, receipts } = createStarted();
    const link = createLink();
    outbox.linked(link);
    says('a');
    says('b');
    receipts(link.frames[1], [{ n: 1, code: 'no' }]);
    outbox.discard('nobody');
    expect(shown()).toEqual(['a:failed:no', 'b:delivered']);
    for (const { key } of outbox.entries) outbox.discard(key);
    expect(shown()).toEqual([]);
  });
});

describe('retry', () => {
  it('makes a new entry of a failed one, under a new number and key', () => {
    const { outbox, says, shown, receipts } = createStarted();
    const link = createLink();
    outbox.linked(link);
    says('a');
    says('b');
    receipts(link.frames[1], [{ n: 1, code: 'no' }]);
    outbox.retry(outbox.entries[0]?.key ?? '');
    expect(shown()).toEqual(['b:delivered', 'a:sent']);
    expect(link.frames.at(-1)).toMatchObject({ text: 'a', n: 3 });
    expect(link.frames.at(-1)?.key).not.toBe(link.frames[0]?.key);
  });

  it('leaves the failed one where there is no room, and others alone', () => {
    const { outbox, says, shown, receipts, codes } = createStarted({ maxCount: 1 });
    const link = createLink();
    outbox.linked(link);
    says('a');
    receipts(link.frames[0], [{ n: 1, code: 'no' }]);
    says('b');
    const [a, b] = outbox.entries;
    outbox.retry(a?.key ?? '');
    outbox.retry(b?.key ?? '');
    outbox.retry('nobody');
    expect(shown()).toEqual(['a:failed:no', 'b:sent']);
    expect(codes()).toEqual(['message-failed', 'outbox-full']);
  });
});

describe('the end of a session', () => {
  it('by logout discards what waits, with a word, and calls none of it failed: what was sent may take effect', () => {
    const { outbox, says, shown, errors } = createStarted();
    const link = createLink();
    outbox.linked(link);
    says('a');
    outbox.lost(1006);
    says('b');
    const seen: string[][] = [];
    outbox.subscribe(() => seen.push(shown()));
    outbox.end('logout');
    expect(seen).toEqual([[]]);
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['messages-discarded', 'logout() ended 2 waiting messages; 1 of them may have been sent already.'],
    ]);
    outbox.begin('ada');
    expect(shown()).toEqual([]);
  });

  it('by logout counts what a person discarded, too, as long as its verdict is not known', () => {
    const { outbox, says, errors } = createStarted();
    outbox.linked(createLink());
    says('a');
    outbox.discard(outbox.entries[0]?.key ?? '');
    outbox.end('logout');
    expect(errors.map(({ message }) => message)).toEqual([
      'logout() ended 1 waiting messages; 1 of them may have been sent already.',
    ]);
  });

  it('by logout says nothing when nothing waits', () => {
    const { outbox, says, receipts, codes } = createStarted();
    const link = createLink();
    outbox.linked(link);
    says('a');
    receipts(link.frames[0]);
    outbox.end('logout');
    outbox.end('logout');
    expect(codes()).toEqual([]);
  });

  it('by disconnect keeps it for the return of its user, unchanged, and shows it to nobody else (I14)', () => {
    const { outbox, says, shown, codes } = createStarted();
    const link = createLink();
    outbox.linked(link);
    says('a');
    says('b');
    outbox.end('disconnect');
    expect(shown()).toEqual([]);
    outbox.begin('ben');
    expect(shown()).toEqual([]);
    says('c');
    outbox.begin('ada');
    expect(shown()).toEqual(['a:queued', 'b:queued']);
    const next = createLink();
    outbox.linked(next);
    expect(next.frames).toEqual(link.frames);
    says('d');
    // Nothing is stored, so this page goes on with the same session.
    expect(next.frames[2]).toMatchObject({ clientId: next.frames[0]?.clientId, n: 3 });
    expect(codes()).toEqual([]);
  });

  it('by dispose reports what dies with the page, and leaves no timer and no listener (I10)', () => {
    const { outbox, says, codes, clock } = createStarted();
    const listener = vi.fn();
    outbox.subscribe(listener);
    outbox.linked(createLink());
    says('a');
    listener.mockClear();
    outbox.end('dispose');
    expect(codes()).toEqual(['messages-discarded']);
    expect(clock.timerCount).toBe(0);
    expect(listener).not.toHaveBeenCalled();
    expect(says('b')).toBe('refused');
  });
});

describe('the entries of other sessions', () => {
  it('are sent first, each under its own name, by age', () => {
    const store = createMapStore();
    const left = (clientId: string, n: number, queuedAt: number) => ({
      userId: 'ada',
      clientId,
      n,
      key: `${clientId}-${n}`,
      text: `{"type":"SAY","text":"${clientId}${n}"}`,
      queuedAt,
    });
    const elsewhere = store.open({ userId: 'ada', clientId: 'x', adopt: () => {} });
    // The wall clock of x was set back: its numbers keep their order all the same.
    for (const entry of [left('x', 1, -50), left('y', 4, -80), left('x', 2, -90), left('y', 7, -40)]) {
      elsewhere.put(entry);
    }
    const { outbox, says, shown } = createStarted({ store });
    says('own');
    expect(shown()).toEqual(['y4:queued', 'x1:queued', 'x2:queued', 'y7:queued', 'own:queued']);
    const link = createLink();
    outbox.linked(link);
    expect(link.frames.slice(0, 4).map(({ clientId, n, key }) => [clientId, n, key])).toEqual([
      ['y', 4, 'y-4'],
      ['x', 1, 'x-1'],
      ['x', 2, 'x-2'],
      ['y', 7, 'y-7'],
    ]);
  });

  it('count as sent: one that is too old fails by a verdict only', () => {
    const { outbox, says, shown, clock, receipts } = createStarted({ maxAgeMs: 1_000 });
    says('a');
    outbox.end('disconnect');
    clock.passes(5_000);
    outbox.begin('ada');
    clock.passes(5_000);
    expect(shown()).toEqual(['a:queued']);
    const link = createLink();
    outbox.linked(link);
    expect(link.texts).toEqual(['SKIP']);
    receipts(link.frames[0], [{ n: 1, code: 'skipped' }]);
    expect(shown()).toEqual(['a:failed:expired']);
  });

  it('that had failed are shown again, for a week', () => {
    const { outbox, says, shown, clock, receipts } = createStarted();
    const link = createLink();
    outbox.linked(link);
    says('a');
    receipts(link.frames[0], [{ n: 1, code: 'no' }]);
    outbox.end('disconnect');
    outbox.begin('ada');
    expect(shown()).toEqual(['a:failed:no']);
    outbox.end('disconnect');
    clock.passes(7 * 86_400_000);
    outbox.begin('ada');
    expect(shown()).toEqual([]);
  });

  it('that another page withdrew fail as skipped', () => {
    const { outbox, says, shown, receipts } = createStarted();
    const link = createLink();
    outbox.linked(link);
    says('a');
    receipts(link.frames[0], [{ n: 1, code: 'skipped' }]);
    expect(shown()).toEqual(['a:failed:skipped']);
  });
});

describe('what an app sees', () => {
  it('is frozen, and the same until it changes', () => {
    const { outbox, says } = createStarted();
    says('a');
    const { entries } = outbox;
    expect(outbox.entries).toBe(entries);
    expect(Object.isFrozen(entries) && Object.isFrozen(entries[0])).toBe(true);
    const listener = vi.fn();
    const stop = outbox.subscribe(listener);
    outbox.receipt({ type: 'RECEIPT', clientId: 'u1', n: 9, rejected: [] });
    outbox.lost(1006);
    expect(listener).not.toHaveBeenCalled();
    says('b');
    expect(listener).toHaveBeenCalledTimes(1);
    expect(outbox.entries[0]).toBe(entries[0]);
    expect(outbox.entries).not.toBe(entries);
    stop();
    says('c');
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('survives a subscriber that throws, and one that acts', () => {
    const { outbox, says, shown, codes, receipts } = createStarted();
    const link = createLink();
    outbox.linked(link);
    outbox.subscribe(() => {
      throw new Error('mine');
    });
    outbox.subscribe(() => {
      const failed = outbox.entries.find(({ state }) => state === 'failed');
      if (failed !== undefined) outbox.retry(failed.key);
    });
    says('a');
    receipts(link.frames[0], [{ n: 1, code: 'no' }]);
    expect(shown()).toEqual(['a:sent']);
    expect(codes().filter((code) => code === 'listener-failed').length).toBeGreaterThan(1);
  });
});
