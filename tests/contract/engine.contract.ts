import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Decision,
  EMPTY_POSITION,
  type Engine,
  type EngineOptions,
  type Retention,
} from '../../src/gateway/index.ts';

/** Makes an empty engine; the suite closes it. */
export type OpenEngine = (options: EngineOptions) => Engine | Promise<Engine>;

const text = (n: number | string) => JSON.stringify({ type: 'NEW_MESSAGE', n });
const DAY_MS = 24 * 60 * 60 * 1000;

const done = (n: number, publications: Decision['publications'] = []): Decision => ({
  n,
  key: `key ${n}`,
  verdict: 'done',
  publications,
});
const rejected = (n: number, code: string): Decision => ({
  n,
  key: `key ${n}`,
  verdict: { rejected: code },
  publications: [],
});

/** What every engine must do. Run it over yours: `describeEngine('redis', openEmptyRedisEngine)`. */
export const describeEngine = (name: string, openEngine: OpenEngine): void => {
  describe(`the ${name} engine`, () => {
    let engine: Engine;
    let wallClockMs = 0;
    const open = async (options: { retention?: Retention } = {}) => {
      engine = await openEngine({ ...options, now: () => wallClockMs });
      return engine;
    };
    /** Days on which somebody writes: a step of more than one day counts as one. */
    const passDays = async (count: number) => {
      for (let day = 1; day <= count; day += 1) {
        wallClockMs += DAY_MS;
        await engine.append('somebody', [text('another day')]);
      }
    };
    const textsOf = async (userId: string) =>
      (await engine.readAfter(userId, EMPTY_POSITION, 1_000))?.map((entry) => entry.text);
    beforeEach(async () => {
      wallClockMs = 1_000_000;
      await open();
    });
    afterEach(() => engine.close());

    it('begins every log at the empty position', async () => {
      expect(await engine.last('anna')).toBe(EMPTY_POSITION);
      expect(await engine.readAfter('anna', EMPTY_POSITION, 10)).toEqual([]);
    });

    it('gives entries back in the order of their appends, each naming its predecessor (I5)', async () => {
      const first = await engine.append('anna', [text(1), text(2)]);
      const second = await engine.append('anna', [text(3)]);
      const ids = [...first, ...second];
      expect(await engine.readAfter('anna', EMPTY_POSITION, 10)).toEqual([
        { id: ids[0], prev: EMPTY_POSITION, text: text(1) },
        { id: ids[1], prev: ids[0], text: text(2) },
        { id: ids[2], prev: ids[1], text: text(3) },
      ]);
      expect(await engine.last('anna')).toBe(ids[2]);
    });

    it('reads after any stored position, up to the limit', async () => {
      const ids = await engine.append('anna', [text(1), text(2), text(3), text(4)]);
      const read = await engine.readAfter('anna', ids[0] ?? '', 2);
      expect(read?.map((entry) => entry.id)).toEqual([ids[1], ids[2]]);
      expect(await engine.readAfter('anna', ids[3] ?? '', 2)).toEqual([]);
    });

    it('keeps the text byte for byte', async () => {
      const odd = JSON.stringify({
        type: 'X',
        text: 'ünï\u0000\ud83c\udf81 \\ " \u2028',
        deep: [{ a: null }],
      });
      await engine.append('anna', [odd]);
      expect((await engine.readAfter('anna', EMPTY_POSITION, 1))?.[0]?.text).toBe(odd);
    });

    it('gives back any text, client, key and code as it was given, also where it is no proper Unicode', async () => {
      const odd = 'a\u0000b\ud800\u0001';
      const texts = [odd, '\u0000', '\ud83c\udf81', '\ufdd0"x"', ''];
      await engine.append('anna', texts, { origin: odd, n: 1 });
      expect(await textsOf('anna')).toEqual(texts);
      expect(await engine.append('anna', [odd], { origin: odd, n: 1 })).toBe('repeat');
      expect(await engine.append('anna', [odd], { origin: 'a', n: 1 })).toHaveLength(1);
      const decision: Decision = {
        n: 1,
        key: odd,
        verdict: { rejected: odd },
        publications: [{ userIds: [odd], text: odd }],
      };
      await engine.decide('anna', odd, decision, 0);
      expect(await engine.unfanned('anna')).toEqual([{ clientId: odd, decision }]);
      expect(await engine.resumeCommands('anna', odd, 1)).toEqual({ decided: 1, unfanned: [decision] });
      expect(await engine.fanned('anna', odd, 1)).toBe(1);
      const told = { ...decision, publications: [], fanned: true };
      expect(await engine.recall('anna', odd, 1)).toEqual({ decided: 1, stored: told });
      expect(await engine.recall('anna', 'a', 1)).toEqual({ decided: 0, stored: null });
    });

    it('keeps the logs of users apart, whatever their ids (I14)', async () => {
      const users = [
        'anna',
        'Anna',
        'anna ',
        '',
        '0',
        '__proto__',
        'constructor',
        "'; DROP TABLE x; --",
        'ann%',
        '\ud83c\udf81',
        '\ud83c',
        '\udf81',
        'anna\u0000',
        'anna\u0000b',
        '\ufdd0',
        '\ufdd0"\\ud83c"',
      ];
      for (const user of users) await engine.append(user, [text(`for ${user}`)]);
      for (const user of users) {
        expect((await engine.readAfter(user, EMPTY_POSITION, 10))?.map((entry) => entry.text)).toEqual([
          text(`for ${user}`),
        ]);
      }
    });

    it('does not know a position of another user, a made-up one, or a stored number with another suffix', async () => {
      const [mine] = await engine.append('anna', [text(1)]);
      await engine.append('anna', [text(2)]);
      const [theirs] = await engine.append('bert', [text(1)]);
      for (const position of [theirs ?? '', 'nonsense', '', '1', '99999-abc', `${mine}x`, '-1', '1e9-x']) {
        expect(await engine.readAfter('anna', position, 10), position).toBeNull();
      }
    });

    it('never gives an id twice, also across users', async () => {
      const ids = new Set<string>();
      for (let round = 0; round < 50; round += 1) {
        for (const user of ['anna', 'bert'])
          for (const id of await engine.append(user, [text(1), text(2)])) ids.add(id);
      }
      expect(ids.size).toBe(200);
    });

    it('keeps the messages of one append together when many appends race', async () => {
      const appends = Array.from({ length: 20 }, (_, n) =>
        engine.append('anna', [text(`${n}a`), text(`${n}b`)]),
      );
      const ids = (await Promise.all(appends)).map((pair) => String(pair));
      const log = (await engine.readAfter('anna', EMPTY_POSITION, 100)) ?? [];
      expect(log).toHaveLength(40);
      const pairs = Array.from({ length: 20 }, (_, n) => `${log[2 * n]?.id},${log[2 * n + 1]?.id}`);
      expect(new Set(pairs)).toEqual(new Set(ids));
      log.reduce((prev, entry) => {
        expect(entry.prev).toBe(prev);
        return entry.id;
      }, EMPTY_POSITION);
    });

    it('rings the doorbell of this user when the append can be read, and of no other', async () => {
      const seen: number[] = [];
      const others = vi.fn();
      engine.subscribe('bert', others);
      const reads: Promise<void>[] = [];
      engine.subscribe('anna', () => {
        reads.push(
          engine.readAfter('anna', EMPTY_POSITION, 10).then((read) => void seen.push(read?.length ?? -1)),
        );
      });
      await engine.append('anna', [text(1), text(2)]);
      await vi.waitFor(() => expect(reads).toHaveLength(1));
      await Promise.all(reads);
      expect(seen).toEqual([2]);
      expect(others).not.toHaveBeenCalled();
    });

    it('rings every subscription until it is ended, the same function twice when it subscribed twice', async () => {
      const bell = vi.fn();
      const endFirst = engine.subscribe('anna', bell);
      const endSecond = engine.subscribe('anna', bell);
      await engine.append('anna', [text(1)]);
      await vi.waitFor(() => expect(bell).toHaveBeenCalledTimes(2));
      endFirst();
      endFirst();
      await engine.append('anna', [text(2)]);
      await vi.waitFor(() => expect(bell).toHaveBeenCalledTimes(3));
      endSecond();
      await engine.append('anna', [text(3)]);
      expect(bell).toHaveBeenCalledTimes(3);
    });

    it('appends nothing and rings nobody for an empty append', async () => {
      const bell = vi.fn();
      engine.subscribe('anna', bell);
      expect(await engine.append('anna', [])).toEqual([]);
      expect(await engine.last('anna')).toBe(EMPTY_POSITION);
      expect(bell).not.toHaveBeenCalled();
    });

    it('drops the oldest entries beyond maxCount, and says so to a reader that is behind (I5)', async () => {
      await engine.close();
      await open({ retention: { maxCount: 3 } });
      const ids = await engine.append('anna', [text(1), text(2), text(3), text(4), text(5)]);
      expect(await engine.readAfter('anna', EMPTY_POSITION, 10)).toBeNull();
      expect(await engine.readAfter('anna', ids[0] ?? '', 10)).toBeNull();
      // The predecessor of the first kept entry is still a place to go on from.
      expect((await engine.readAfter('anna', ids[1] ?? '', 10))?.map((entry) => entry.id)).toEqual(
        ids.slice(2),
      );
    });

    it('keeps exactly maxCount entries, also when they come one by one', async () => {
      await engine.close();
      await open({ retention: { maxCount: 3 } });
      for (let n = 1; n <= 3; n += 1) await engine.append('anna', [text(n)]);
      expect(await textsOf('anna')).toEqual([text(1), text(2), text(3)]);
      const [fourth] = await engine.append('anna', [text(4)]);
      expect(await textsOf('anna')).toBeUndefined();
      expect(await engine.last('anna')).toBe(fourth);
    });

    it('drops entries older than maxAgeMs at the next append, and goes on from the last position for ever', async () => {
      await engine.close();
      await open({ retention: { maxAgeMs: 1000 } });
      const [old] = await engine.append('anna', [text(1)]);
      const [last] = await engine.append('anna', [text(2)]);
      wallClockMs = 1_005_000;
      const [young] = await engine.append('anna', [text(3)]);
      expect(await engine.readAfter('anna', old ?? '', 10)).toBeNull();
      expect(await engine.readAfter('anna', last ?? '', 10)).toEqual([
        { id: young, prev: last, text: text(3) },
      ]);
    });

    it('reaches users who get nothing new while others do, and their logs go on from the last position', async () => {
      await engine.close();
      await open({ retention: { maxAgeMs: 1000 } });
      const quiet = ['anna', 'bert', 'cleo'];
      const lasts = new Map<string, string>();
      for (const user of quiet) {
        await engine.append(user, [text(1), text(2)]);
        lasts.set(user, (await engine.append(user, [text(3)]))[0] ?? '');
      }
      wallClockMs += 1000;
      await engine.append('somebody', [text('not too old yet')]);
      for (const user of quiet) expect(await textsOf(user)).toHaveLength(3);
      wallClockMs += 1;
      for (let n = 0; n < 20; n += 1) await engine.append('somebody', [text(n)]);
      for (const user of quiet) {
        expect(await textsOf(user)).toBeUndefined();
        expect(await engine.readAfter(user, lasts.get(user) ?? '', 10)).toEqual([]);
        const [next] = await engine.append(user, [text(4)]);
        expect(await engine.readAfter(user, lasts.get(user) ?? '', 10)).toEqual([
          { id: next, prev: lasts.get(user), text: text(4) },
        ]);
      }
      expect((await textsOf('somebody'))?.length).toBe(21);
    });

    it('forgets marks and clients of users who get nothing new while others do', async () => {
      await engine.append('anna', [text(1)], { origin: 'bert', n: 1 });
      await engine.decide('anna', 'page', rejected(1, 'no'), 0);
      await passDays(28);
      wallClockMs += 1;
      for (let n = 1; n <= 20; n += 1) await engine.append('somebody', [text(n)]);
      expect((await engine.recall('anna', 'page', 1)).stored).toBeNull();
      expect(await engine.append('anna', [text(1)], { origin: 'bert', n: 1 })).toHaveLength(1);
    });

    it('keeps order and leaves no hole when the wall clock is set back (I18)', async () => {
      await engine.close();
      await open({ retention: { maxAgeMs: 1000 } });
      const [first] = await engine.append('anna', [text(1)]);
      wallClockMs = 10_000;
      const [second] = await engine.append('anna', [text(2)]);
      wallClockMs = 11_000;
      const [third] = await engine.append('anna', [text(3)]);
      expect((await engine.readAfter('anna', EMPTY_POSITION, 10))?.map((entry) => entry.id)).toEqual([
        first,
        second,
        third,
      ]);
    });

    it('appends nothing of a mark that is not above the one it has, and says so (I3)', async () => {
      const bell = vi.fn();
      engine.subscribe('anna', bell);
      const mark = (n: number) => ({ origin: 'bert', n });
      await engine.append('anna', [text('5a'), text('5b')], mark(5));
      expect(await engine.append('anna', [text('5 again')], mark(5))).toBe('repeat');
      expect(await engine.append('anna', [text('4')], mark(4))).toBe('repeat');
      await engine.append('anna', [text('9')], mark(9));
      expect(await engine.append('anna', [text('8')], mark(8))).toBe('repeat');
      expect(await textsOf('anna')).toEqual([text('5a'), text('5b'), text('9')]);
      await vi.waitFor(() => expect(bell).toHaveBeenCalledTimes(2));
    });

    it('keeps marks apart by origin and by the slot they are in, also in a race', async () => {
      const race = ['anna', 'cleo'].flatMap((userId) =>
        ['bert', 'Bert', '', '__proto__'].flatMap((origin) =>
          [1, 1, 1].map(() => engine.append(userId, [text(`${origin} to ${userId}`)], { origin, n: 1 })),
        ),
      );
      const answers = await Promise.all(race);
      expect(answers.filter((answer) => answer === 'repeat')).toHaveLength(16);
      for (const userId of ['anna', 'cleo'])
        expect(new Set(await textsOf(userId))).toEqual(
          new Set(['bert', 'Bert', '', '__proto__'].map((origin) => text(`${origin} to ${userId}`))),
        );
    });

    it('sets no mark for an append without messages', async () => {
      expect(await engine.append('anna', [], { origin: 'bert', n: 3 })).toEqual([]);
      expect(await engine.append('anna', [text(3)], { origin: 'bert', n: 3 })).toHaveLength(1);
    });

    it('keeps a mark four times as long as a client keeps a command, and a busy one for ever', async () => {
      const append = (origin: string, n: number) => engine.append('anna', [text(n)], { origin, n });
      await engine.append('anna', [text('without a mark')]);
      await append('quiet', 1);
      for (let day = 7; day <= 28; day += 7) {
        await passDays(7);
        await append('busy', day);
        expect(await append('quiet', 1), `day ${day}`).toBe('repeat');
      }
      wallClockMs += 1;
      await append('busy', 29);
      expect(await append('busy', 28)).toBe('repeat');
      expect(await append('quiet', 1)).toHaveLength(1);
    });

    it('keeps a mark when retention drops the message it came with', async () => {
      await engine.close();
      await open({ retention: { maxCount: 1 } });
      await engine.append('anna', [text(1)], { origin: 'bert', n: 1 });
      await engine.append('anna', [text(2)]);
      expect(await engine.append('anna', [text(1)], { origin: 'bert', n: 1 })).toBe('repeat');
    });

    it('decides a number once: the first decision stands, whoever asks again (I3)', async () => {
      const first = done(4, [{ userIds: ['bert'], text: text(4) }]);
      expect(await engine.decide('anna', 'page', first, 0)).toEqual({
        decided: 4,
        stored: { ...first, fanned: false },
      });
      const again: Decision = { ...rejected(4, 'late'), key: 'another' };
      for (const seen of [0, 4])
        expect(await engine.decide('anna', 'page', again, seen)).toEqual({
          decided: 4,
          stored: { ...first, fanned: false },
        });
      expect(await engine.recall('anna', 'page', 4)).toEqual({
        decided: 4,
        stored: { ...first, fanned: false },
      });
    });

    it('keeps an origin, an odd text and a rejection with a decision', async () => {
      const odd = done(1, [
        { userIds: ['bert', ''], text: JSON.stringify({ type: '\u0000\ud83c\udf81"\\' }) },
        { userIds: [], text: text(1), origin: { outbox: 'mail', row: 7 } },
      ]);
      await engine.decide('anna', 'page', odd, 0);
      await engine.decide('anna', 'page', rejected(2, 'not-allowed'), 1);
      expect((await engine.recall('anna', 'page', 1)).stored).toEqual({ ...odd, fanned: false });
      expect((await engine.recall('anna', 'page', 2)).stored).toEqual({
        ...rejected(2, 'not-allowed'),
        fanned: true,
      });
    });

    it('takes one decision when two sockets decide the same number at once', async () => {
      const answers = await Promise.all(
        ['a', 'b', 'c'].map((key) => engine.decide('anna', 'page', { ...done(1), key }, 0)),
      );
      expect(new Set(answers.map(({ stored }) => stored?.key)).size).toBe(1);
    });

    it('keeps the numbers of users and of clients apart', async () => {
      await engine.decide('anna', 'page', done(9), 0);
      for (const [userId, clientId] of [
        ['bert', 'page'],
        ['anna', 'Page'],
        ['anna', '__proto__'],
        ['', ''],
      ] as const)
        expect(await engine.recall(userId, clientId, 9)).toEqual({ decided: 0, stored: null });
    });

    it('stores nothing for a caller that has seen more than it has: it lost its tail', async () => {
      await engine.decide('anna', 'page', done(5), 0);
      expect((await engine.decide('anna', 'page', done(8), 7)).decided).toBe(5);
      expect(await engine.recall('anna', 'page', 8)).toEqual({ decided: 5, stored: null });
      expect((await engine.decide('bert', 'page', done(8), 7)).decided).toBe(0);
      expect(await engine.recall('bert', 'page', 8)).toEqual({ decided: 0, stored: null });
    });

    it('stores nothing for a caller that has seen less than it has: another socket decides for this client, too', async () => {
      await engine.decide('anna', 'page', done(5), 0);
      for (const seen of [0, 4])
        expect(await engine.decide('anna', 'page', done(8), seen)).toEqual({ decided: 5, stored: null });
      expect((await engine.decide('anna', 'page', done(8), 5)).decided).toBe(8);
    });

    it('drops what was to be told when it was told, and says what is decided', async () => {
      await engine.decide('anna', 'page', done(1, [{ userIds: ['bert'], text: text(1) }]), 0);
      await engine.decide('anna', 'page', done(2), 1);
      expect(await engine.fanned('anna', 'page', 1)).toBe(2);
      expect((await engine.recall('anna', 'page', 1)).stored).toEqual({ ...done(1), fanned: true });
      expect(await engine.fanned('anna', 'page', 77)).toBe(2);
      expect(await engine.fanned('bert', 'page', 1)).toBe(0);
    });

    it('forgets what is receipted when a socket begins, but nothing that was not told yet', async () => {
      const untold = done(2, [{ userIds: ['bert'], text: text(2) }]);
      await engine.decide('anna', 'page', rejected(1, 'no'), 0);
      await engine.decide('anna', 'page', untold, 1);
      await engine.decide('anna', 'page', rejected(3, 'no'), 2);
      await engine.decide('anna', 'page', rejected(4, 'no'), 3);
      expect(await engine.resumeCommands('anna', 'page', 1)).toEqual({ decided: 4, unfanned: [untold] });
      expect(await engine.resumeCommands('anna', 'page', 4)).toEqual({ decided: 4, unfanned: [untold] });
      const kept = async (n: number) => (await engine.recall('anna', 'page', n)).stored !== null;
      expect([await kept(1), await kept(2), await kept(3), await kept(4)]).toEqual([
        false,
        true,
        false,
        true,
      ]);
      await engine.fanned('anna', 'page', 2);
      expect(await engine.resumeCommands('anna', 'page', 4)).toEqual({ decided: 4, unfanned: [] });
      expect(await engine.resumeCommands('anna', 'unknown', 4)).toEqual({ decided: 0, unfanned: [] });
    });

    it('knows what is not told yet of all clients of a user, by rising number', async () => {
      const told = (n: number) => done(n, [{ userIds: ['bert'], text: text(n) }]);
      await engine.decide('anna', 'page', told(1), 0);
      await engine.decide('anna', 'other', told(1), 0);
      await engine.decide('anna', 'page', rejected(2, 'no'), 1);
      await engine.decide('anna', 'page', told(3), 2);
      await engine.decide('bert', 'page', told(1), 0);
      const left = async () =>
        (await engine.unfanned('anna')).map(({ clientId, decision }) => `${clientId} ${decision.n}`);
      expect((await left()).filter((name) => name.startsWith('page'))).toEqual(['page 1', 'page 3']);
      expect((await left()).length).toBe(3);
      expect(await engine.unfanned('anna')).toContainEqual({ clientId: 'other', decision: told(1) });
      await engine.fanned('anna', 'page', 1);
      await engine.fanned('anna', 'other', 1);
      expect(await left()).toEqual(['page 3']);
      expect(await engine.unfanned('nobody')).toEqual([]);
    });

    it('keeps the last 64 decisions of a client, and older ones only until they are told (I15)', async () => {
      await engine.decide('anna', 'page', done(1, [{ userIds: ['bert'], text: text(1) }]), 0);
      for (let n = 2; n <= 100; n += 1) await engine.decide('anna', 'page', rejected(n, 'no'), n - 1);
      const kept: number[] = [];
      for (let n = 1; n <= 100; n += 1)
        if ((await engine.recall('anna', 'page', n)).stored !== null) kept.push(n);
      expect(kept[0]).toBe(1);
      expect(kept.slice(-64)).toEqual(Array.from({ length: 64 }, (_, at) => 37 + at));
      expect(kept.length).toBeLessThanOrEqual(66);
    });

    it('takes the largest number there is', async () => {
      const n = Number.MAX_SAFE_INTEGER;
      expect((await engine.decide('anna', 'page', done(n), 0)).decided).toBe(n);
      expect((await engine.decide('anna', 'page', done(n - 1), n)).stored).toBeNull();
      expect(await engine.recall('anna', 'page', n)).toEqual({
        decided: n,
        stored: { ...done(n), fanned: true },
      });
      await engine.append('anna', [text(1)], { origin: 'bert', n });
      expect(await engine.append('anna', [text(1)], { origin: 'bert', n })).toBe('repeat');
    });

    it('remembers a client for four times as long as it keeps a command', async () => {
      await engine.decide('anna', 'page', rejected(1, 'no'), 0);
      await passDays(28);
      await engine.decide('anna', 'other', done(1), 0);
      expect((await engine.recall('anna', 'page', 1)).stored).not.toBeNull();
      wallClockMs += 1;
      await engine.decide('anna', 'other', done(2), 1);
      expect(await engine.recall('anna', 'page', 1)).toEqual({ decided: 0, stored: null });
      expect((await engine.recall('anna', 'other', 2)).decided).toBe(2);
    });

    it.each([
      ['29 days ahead for a moment', [29, -29]],
      ['29 days ahead, back, and ahead again', [29, -29, 29, -29, 29]],
      ['29 days ahead at every other moment', Array.from({ length: 70 }, (_, i) => (i % 2 === 0 ? 29 : -29))],
      ['a year behind, then right again', [-365, 365]],
      ['ten years ahead and stays there', [3_650]],
    ])('forgets nothing because a clock is %s (I18)', async (_, jumps) => {
      const mark = { origin: 'bert', n: 1 };
      const untold = done(2, [{ userIds: ['bert'], text: text(2) }]);
      await engine.append('anna', [text(1)], mark);
      await engine.decide('anna', 'page', rejected(1, 'no'), 0);
      await engine.decide('anna', 'page', untold, 1);
      let n = 0;
      for (const days of jumps) {
        wallClockMs += days * DAY_MS;
        n += 1;
        await engine.append('cleo', [text('at an odd time')], { origin: 'dora', n });
        await engine.decide('cleo', 'page', done(n), n - 1);
      }
      expect(await engine.append('anna', [text(1)], mark)).toBe('repeat');
      await engine.append('anna', [text(3)]);
      expect(await textsOf('anna')).toEqual([text(1), text(3)]);
      expect((await engine.recall('anna', 'page', 1)).stored).toEqual({ ...rejected(1, 'no'), fanned: true });
      expect(await engine.unfanned('anna')).toEqual([{ clientId: 'page', decision: untold }]);
    });

    it('counts a step of the clock as a day at most, and goes on counting after it (I18)', async () => {
      const mark = { origin: 'bert', n: 1 };
      await engine.append('anna', [text(1)], mark);
      wallClockMs += 29 * DAY_MS;
      await engine.append('somebody', [text('one day, as it counts')]);
      wallClockMs -= 29 * DAY_MS;
      await engine.append('somebody', [text('no time at all')]);
      await passDays(29); // to where the clock has been before
      await passDays(27);
      expect(await engine.append('anna', [text(1)], mark)).toBe('repeat');
      wallClockMs += 1;
      await engine.append('anna', [text('forgets')], { origin: 'dora', n: 1 });
      expect(await engine.append('anna', [text(2)], mark)).toHaveLength(1);
    });

    it('counts each time of a clock that flaps only once (I18)', async () => {
      const mark = { origin: 'bert', n: 1 };
      await engine.append('anna', [text(1)], mark);
      const rightMs = wallClockMs;
      for (let day = 1; day <= 40; day += 1) {
        for (const ms of [rightMs + DAY_MS, rightMs]) {
          wallClockMs = ms;
          await engine.append('somebody', [text('at either time')]);
        }
      }
      expect(await engine.append('anna', [text(1)], mark)).toBe('repeat');
      await passDays(28); // one of them was counted at the first flap
      expect(await engine.append('anna', [text(1)], mark)).toBe('repeat');
      wallClockMs += 1;
      await engine.append('anna', [text('forgets')], { origin: 'dora', n: 1 });
      expect(await engine.append('anna', [text(2)], mark)).toHaveLength(1);
    });

    it('goes on when the clock tells no time', async () => {
      const mark = { origin: 'bert', n: 1 };
      await engine.append('anna', [text(1)], mark);
      const rightMs = wallClockMs;
      wallClockMs = Number.NaN;
      await engine.append('anna', [text(2)]);
      wallClockMs = rightMs;
      await passDays(28);
      wallClockMs += 1;
      await engine.append('anna', [text('forgets')], { origin: 'dora', n: 1 });
      expect(await engine.append('anna', [text(3)], mark)).toHaveLength(1);
    });

    it('does the calls of one user in their order, without waiting in between', async () => {
      const first = engine.append('anna', [text(1)], { origin: 'bert', n: 1 });
      const repeat = engine.append('anna', [text(1)], { origin: 'bert', n: 1 });
      const read = engine.readAfter('anna', EMPTY_POSITION, 10);
      const decided = engine.decide('anna', 'page', done(1), 0);
      const recalled = engine.recall('anna', 'page', 1);
      const second = engine.append('anna', [text(2)]);
      const last = engine.last('anna');
      expect(await first).toHaveLength(1);
      expect(await repeat).toBe('repeat');
      expect((await read)?.map((entry) => entry.text)).toEqual([text(1)]);
      expect(await recalled).toEqual(await decided);
      expect((await recalled).decided).toBe(1);
      expect(await last).toBe((await second)[0]);
    });

    it('rejects with engine-failed after close, and may be closed again', async () => {
      await engine.close();
      const failed = { code: 'engine-failed' };
      await expect(engine.append('anna', [text(1)])).rejects.toMatchObject(failed);
      await expect(engine.readAfter('anna', EMPTY_POSITION, 1)).rejects.toMatchObject(failed);
      await expect(engine.last('anna')).rejects.toMatchObject(failed);
      await expect(engine.decide('anna', 'page', done(1), 0)).rejects.toMatchObject(failed);
      await expect(engine.recall('anna', 'page', 1)).rejects.toMatchObject(failed);
      await expect(engine.fanned('anna', 'page', 1)).rejects.toMatchObject(failed);
      await expect(engine.resumeCommands('anna', 'page', 1)).rejects.toMatchObject(failed);
      await expect(engine.unfanned('anna')).rejects.toMatchObject(failed);
      await engine.close();
    });
  });
};
