import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EMPTY_POSITION, type Engine, type Retention } from '../../src/gateway/index.ts';

/** Makes an empty engine; the suite closes it. */
export type OpenEngine = (options: { retention?: Retention }) => Engine | Promise<Engine>;

const text = (n: number | string) => JSON.stringify({ type: 'NEW_MESSAGE', n });

/** What every engine must do. Run it over yours: `describeEngine('redis', openEmptyRedisEngine)`. */
export const describeEngine = (name: string, openEngine: OpenEngine): void => {
  describe(`the ${name} engine`, () => {
    let engine: Engine;
    const open = async (options: { retention?: Retention } = {}) => {
      engine = await openEngine(options);
      return engine;
    };
    beforeEach(() => open());
    afterEach(async () => {
      vi.useRealTimers();
      await engine.close();
    });

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
      const ids = (await Promise.all(appends)).map((pair) => pair.join());
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

    it('drops entries older than maxAgeMs at the next append, and goes on from the last position for ever', async () => {
      await engine.close();
      await open({ retention: { maxAgeMs: 1000 } });
      vi.useFakeTimers({ now: 1_000_000, toFake: ['Date'] });
      const [old] = await engine.append('anna', [text(1)]);
      const [last] = await engine.append('anna', [text(2)]);
      vi.setSystemTime(1_005_000);
      const [young] = await engine.append('anna', [text(3)]);
      expect(await engine.readAfter('anna', old ?? '', 10)).toBeNull();
      expect(await engine.readAfter('anna', last ?? '', 10)).toEqual([
        { id: young, prev: last, text: text(3) },
      ]);
    });

    it('keeps order and leaves no hole when the wall clock is set back (I18)', async () => {
      await engine.close();
      await open({ retention: { maxAgeMs: 1000 } });
      vi.useFakeTimers({ now: 1_000_000, toFake: ['Date'] });
      const [first] = await engine.append('anna', [text(1)]);
      vi.setSystemTime(10_000);
      const [second] = await engine.append('anna', [text(2)]);
      vi.setSystemTime(12_000);
      const [third] = await engine.append('anna', [text(3)]);
      expect((await engine.readAfter('anna', EMPTY_POSITION, 10))?.map((entry) => entry.id)).toEqual([
        first,
        second,
        third,
      ]);
    });

    it('rejects with engine-failed after close, and may be closed again', async () => {
      await engine.close();
      const failed = { code: 'engine-failed' };
      await expect(engine.append('anna', [text(1)])).rejects.toMatchObject(failed);
      await expect(engine.readAfter('anna', EMPTY_POSITION, 1)).rejects.toMatchObject(failed);
      await expect(engine.last('anna')).rejects.toMatchObject(failed);
      await engine.close();
    });
  });
};
